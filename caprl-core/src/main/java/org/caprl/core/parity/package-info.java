/**
 * Parity with {@code transformers}: every quantity that a directory of golden data holds, computed by this engine and compared. For whoever
 * changes a model, a kernel or the text side, and for users who want to know whether a checkpoint of theirs is computed rightly.
 *
 * <p>{@link org.caprl.core.parity.GoldenDirectory} finds families, layouts and cases; one {@link org.caprl.core.parity.Check} for each kind
 * of quantity measures; {@link org.caprl.core.parity.Parity} makes the rows.
 */
package org.caprl.core.parity;
