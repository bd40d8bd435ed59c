package io.valuetask;

/**
 * What every reusable source must do, whatever its result's type. A test class of a source extends this and says how
 * one is made; the rules are in the interfaces, a topic each.
 */
abstract class ManualResetValueTaskSourceContract
        implements
            CompletionContract,
            WaiterContract,
            ConsumptionContract,
            TokenContract,
            CancellationContract,
            MisuseMessageContract {
    private SourceSubject source;

    abstract SourceSubject newSource();

    @Override
    public final SourceSubject source() {
        if (source == null) {
            source = newSource();
        }
        return source;
    }
}
