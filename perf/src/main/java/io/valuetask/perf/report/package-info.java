/**
 * What a run leaves behind, and the charts that are made of it.
 *
 * <pre>
 *   compare, idle --&gt; RecordedRun --&gt; results/*.json --ReportCommand--&gt; SectionChart -&gt; charts/*.svg
 *                                                                 +--&gt; RunPage -&gt; one page with charts and tables
 * </pre>
 *
 * <p>Every number in a chart is a row of a committed file with the command that measured it; nothing is typed in by hand.
 */
package io.valuetask.perf.report;
