package io.valuetask;

/** Where the topics of {@link ManualResetValueTaskSourceContract} find their subject: a fresh one for each test. */
interface SourceHolder {
    SourceSubject source();
}
