package org.caprl.core;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds the valid names that a mistyped one was probably meant to be. */
public final class NearestNames {
    private NearestNames() {
    }

    /**
     * Up to {@code limit} of {@code valid}, nearest first by edit distance; those more than half of the name away are left out.
     * Ties are broken alphabetically.
     */
    public static List<String> of(String name, Collection<String> valid, int limit) {
        record Candidate(String name, int distance) {
        }

        int farthest = Math.max(1, name.length() / 2);
        return valid.stream()
                .map(v -> new Candidate(v, editDistance(name, v)))
                .filter(c -> c.distance() <= farthest)
                .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .limit(limit)
                .map(Candidate::name)
                .toList();
    }

    /** Insertions, deletions and replacements of one character that turn {@code a} into {@code b} (Levenshtein). */
    static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
