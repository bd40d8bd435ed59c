/**
 * Charts as SVG and what a page around them needs, drawn by hand: no script, no font and no library that draws.
 * {@code LineChart} and {@code RatioChart} take their colours from the page; {@link io.valuetask.perf.chart.BarPanels}
 * can also be a file of its own.
 */
package io.valuetask.perf.chart;
