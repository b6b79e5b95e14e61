package org.caprl.core.random;

import java.nio.charset.StandardCharsets;

/**
 * Stateless, counter-based random numbers: a draw is a hash of a key and a counter.
 *
 * <p>A key names the purpose of a stream, for instance {@code key(runSeed, hash("sample"), step, hash(sampleId), captionIndex)}, and
 * the counter is the position in it, for instance the token index. Nothing depends on the order of the calls, on the thread or on
 * what else was drawn, so a caption is the same in any batch, on any number of actors and after a restart.
 *
 * <p>The mixing function is the 64-bit finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014, with the constants of Stafford's variant 13). Keys and counters are mixed apart before they meet, so
 * neighbouring keys give unrelated streams. It is not for cryptography.
 *
 * <p>The values are part of the project's contract (a resumed run repeats them): a test pins some of them.
 */
public final class CounterRandom {
    /** 2^64 divided by the golden ratio: keeps zero, which the mixing function maps to itself, out of its input. */
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final double ULP_53 = 0x1.0p-53;

    private CounterRandom() {}

    /**
     * Key of a stream: a hash of the seed and of every part, in their order. Allocates the argument array; a hot loop derives the key once,
     * or extends it with {@link #with}.
     */
    public static long key(long seed, long... parts) {
        // Mixed twice, so that the seed and the first part do not commute.
        long key = mix(mix(seed + GAMMA));
        for (long part : parts) {
            key = with(key, part);
        }
        return key;
    }

    /** The key extended by one more part: {@code with(key(seed, a), b) == key(seed, a, b)}. */
    public static long with(long key, long part) {
        return mix(key + mix(part + GAMMA));
    }

    /** A 64-bit hash of the text's UTF-8 bytes (FNV-1a, then mixed), to be used as a part of a key. */
    public static long hash(String text) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return mix(hash);
    }

    /** 64 random bits. For one key, no two counters give the same bits. */
    public static long bits(long key, long counter) {
        return mix(key ^ mix(counter + GAMMA));
    }

    /** Uniform in [0, 1): a multiple of 2^-53. */
    public static double uniform(long key, long counter) {
        return (bits(key, counter) >>> 11) * ULP_53;
    }

    /**
     * Uniform in {0, …, bound - 1}. The high half of a 64 x 64 bit product: probabilities differ by at most 2^-64, and there is no
     * rejection loop, so one counter is exactly one draw.
     *
     * @throws IllegalArgumentException if {@code bound} is not positive
     */
    public static int below(long key, long counter, int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive, got " + bound);
        }
        return (int) Math.unsignedMultiplyHigh(bits(key, counter), bound);
    }

    /** Standard normal (Box-Muller). Uses the uniform draws {@code 2·counter} and {@code 2·counter + 1} of the key. */
    public static double normal(long key, long counter) {
        double radius = Math.sqrt(-2.0 * Math.log(1.0 - uniform(key, 2 * counter)));
        return radius * Math.cos(2.0 * Math.PI * uniform(key, 2 * counter + 1));
    }

    /** A uniformly random order of {0, …, n - 1} (Fisher-Yates; uses counters 1 … n - 1). {@code n == 0} gives an empty array. */
    public static int[] permutation(long key, int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = below(key, i, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
