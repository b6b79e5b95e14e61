package org.caprl.core.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
    @Test
    void pinnedValuesNeverChange() {
        assertEquals(5197578548964807871L, CounterRandom.key(0));
        assertEquals(-219327357206841512L, CounterRandom.key(42, 1, 2));
        assertEquals(-780787492076525413L, CounterRandom.hash(""));
        assertEquals(9146758618201796908L, CounterRandom.hash("000017"));
        assertEquals(-972091869234291113L, CounterRandom.bits(1, 2));
        assertEquals(0.2713886128576649, CounterRandom.uniform(42, 0), 0);
        assertEquals(833, CounterRandom.below(42, 7, 1000));
        assertArrayEquals(new int[] {0, 5, 1, 4, 2, 3}, CounterRandom.permutation(42, 6));
        assertEquals(0.6767616364516339, CounterRandom.normal(42, 3), 1e-15);
    }

    @Test
    void keyIsBuiltPartByPart() {
        assertEquals(CounterRandom.key(7, 1, 2, 3), CounterRandom.with(CounterRandom.key(7, 1, 2), 3));
        assertEquals(CounterRandom.key(7), CounterRandom.key(7, new long[0]));
    }

    @Test
    void keyDependsOnEachPartAndOnTheirOrder() {
        Set<Long> keys = new HashSet<>();
        int made = 0;
        for (long seed = -2; seed <= 2; seed++) {
            keys.add(CounterRandom.key(seed));
            made++;
            for (long a = -3; a <= 60; a++) {
                keys.add(CounterRandom.key(seed, a));
                made++;
                for (long b = -3; b <= 60; b++) {
                    keys.add(CounterRandom.key(seed, a, b));
                    made++;
                }
            }
        }
        assertEquals(made, keys.size());
    }

    @Test
    void textHashSeparatesNeighbours() {
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            hashes.add(CounterRandom.hash(String.format("%06d", i)));
        }
        assertEquals(100_000, hashes.size());
        assertNotEquals(CounterRandom.hash("ä"), CounterRandom.hash("a"));
    }

    @Test
    void uniformFillsTheUnitInterval() {
        // Along the counter of one key, and along the keys of one counter.
        for (boolean alongCounter : new boolean[] {true, false}) {
            int n = 200_000;
            int[] cells = new int[100];
            double sum = 0;
            double lagged = 0;
            double previous = 0.5;
            for (int i = 0; i < n; i++) {
                double u = alongCounter
                        ? CounterRandom.uniform(CounterRandom.key(42), i)
                        : CounterRandom.uniform(CounterRandom.key(42, i), 0);
                assertTrue(u >= 0 && u < 1);
                cells[(int) (u * 100)]++;
                sum += u;
                lagged += (u - 0.5) * (previous - 0.5);
                previous = u;
            }
            assertEquals(0.5, sum / n, 5 * Math.sqrt(1 / 12.0 / n));
            assertEquals(0, lagged / n, 5 / 12.0 / Math.sqrt(n));
            assertTrue(chiSquare(cells, n / 100.0) < 99 + 5 * Math.sqrt(2 * 99));
        }
    }

    @Test
    void everyInputBitMovesHalfOfTheOutputBits() {
        int trials = 2_000;
        for (int bit = 0; bit < 64; bit++) {
            long ofKey = 0;
            long ofCounter = 0;
            for (int i = 0; i < trials; i++) {
                long key = CounterRandom.key(1, i);
                ofKey += Long.bitCount(CounterRandom.bits(key, i) ^ CounterRandom.bits(key ^ (1L << bit), i));
                ofCounter += Long.bitCount(CounterRandom.bits(key, i) ^ CounterRandom.bits(key, i ^ (1L << bit)));
            }
            assertEquals(32.0, (double) ofKey / trials, 0.6);
            assertEquals(32.0, (double) ofCounter / trials, 0.6);
        }
    }

    @Test
    void belowTakesEveryValueEquallyOften() {
        long key = CounterRandom.key(3);
        for (int bound : new int[] {1, 2, 5, 7, 64}) {
            int n = 20_000 * bound;
            int[] counts = new int[bound];
            for (int i = 0; i < n; i++) {
                counts[CounterRandom.below(key, i, bound)]++;
            }
            assertTrue(chiSquare(counts, 20_000) <= (bound - 1) + 5 * Math.sqrt(2.0 * (bound - 1)), "bound " + bound);
        }
        assertThrows(IllegalArgumentException.class, () -> CounterRandom.below(key, 0, 0));
    }

    @Test
    void everyPermutationIsEquallyLikely() {
        int n = 48_000;
        int[] counts = new int[5 * 625];
        for (int i = 0; i < n; i++) {
            int code = 0;
            for (int value : CounterRandom.permutation(CounterRandom.key(11, i), 4)) {
                code = code * 5 + value;
            }
            counts[code]++;
        }
        int[] seen = Arrays.stream(counts).filter(c -> c > 0).toArray();
        assertEquals(24, seen.length);
        assertTrue(chiSquare(seen, n / 24.0) < 23 + 5 * Math.sqrt(46));
        assertArrayEquals(new int[0], CounterRandom.permutation(1, 0));
    }

    @Test
    void normalHasItsMoments() {
        int n = 200_000;
        long key = CounterRandom.key(5);
        double sum = 0;
        double squares = 0;
        double fourths = 0;
        for (int i = 0; i < n; i++) {
            double x = CounterRandom.normal(key, i);
            sum += x;
            squares += x * x;
            fourths += x * x * x * x;
        }
        assertEquals(0, sum / n, 5 / Math.sqrt(n));
        assertEquals(1, squares / n, 5 * Math.sqrt(2.0 / n));
        assertEquals(3, fourths / n, 5 * Math.sqrt(96.0 / n));
    }

    private static double chiSquare(int[] counts, double expected) {
        double sum = 0;
        for (int count : counts) {
            sum += (count - expected) * (count - expected) / expected;
        }
        return sum;
    }
}
