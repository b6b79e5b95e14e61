/**
 * Numbers of a run, step by step: named by typed keys, written to {@code metrics.jsonl}, read back for reports.
 *
 * <p>For recipes, which report, and for whoever looks at runs afterwards. A key's text is a contract with scripts outside.
 */
package org.caprl.core.metrics;
