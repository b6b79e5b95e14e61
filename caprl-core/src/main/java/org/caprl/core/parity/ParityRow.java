package org.caprl.core.parity;

/**
 * One quantity of one case.
 *
 * @param family folder of the family
 * @param layout folder of the checkpoint
 * @param caseName folder of the case
 * @param quantity what was compared
 * @param backend what computed it
 * @param maxDiff largest difference, or the count of mismatches of texts and ids; null where it is not finite or was not computed
 * @param tolerance largest difference that passes
 * @param verdict the outcome
 * @param where the tensor or row of the largest difference, or why there is none; may be empty
 */
public record ParityRow(String family, String layout, String caseName, Quantity quantity, String backend, Double maxDiff, double tolerance,
        Verdict verdict, String where) {
}
