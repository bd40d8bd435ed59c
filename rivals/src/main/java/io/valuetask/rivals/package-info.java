/**
 * The servers of the comparison on other libraries: each the shortest that its documentation suggests, on the Netty of
 * this project, or on none.
 */
package io.valuetask.rivals;
