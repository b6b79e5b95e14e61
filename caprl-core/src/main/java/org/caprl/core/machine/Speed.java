package org.caprl.core.machine;

import java.util.Locale;
import java.util.function.Supplier;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/**
 * The speed of a backend on this machine, measured through the operations that models use.
 *
 * @param backend its name
 * @param threads that it had
 * @param gemmGflops float32 matrix product [512, 1024]·[1024, 1024]ᵀ, 10⁹ multiplications and additions a second
 * @param copyGbps 10⁹ bytes a second, read and written, of a copy larger than the caches
 */
public record Speed(String backend, int threads, double gemmGflops, double copyGbps) {
    private static final int ROWS = 512;
    private static final int WIDTH = 1024;
    private static final int COPY_FLOATS = 32 << 20;
    private static final long WARM_NANOS = 200_000_000L;
    private static final long MEASURED_NANOS = 300_000_000L;

    /** Measures for about a second. */
    static Speed measure(String backend, Supplier<TensorOps> start, int threads) {
        TensorOps ops = start.get();
        try (TensorScope scope = new TensorScope(ops.memory())) {
            Tensor x = scope.floats(ROWS, WIDTH);
            Tensor w = scope.floats(WIDTH, WIDTH);
            Tensor y = scope.floats(ROWS, WIDTH);
            ops.fill(x, 0.5f);
            ops.fill(w, 0.25f);
            double products = ratePerSecond(() -> ops.linear(x, w, null, y));
            Tensor from = scope.floats(COPY_FLOATS);
            Tensor to = scope.floats(COPY_FLOATS);
            ops.fill(from, 1f);
            double copies = ratePerSecond(() -> ops.copy(from, to));
            return new Speed(backend, threads, products * 2.0 * ROWS * WIDTH * WIDTH / 1e9, copies * 2.0 * COPY_FLOATS * Float.BYTES / 1e9);
        } finally {
            ops.close();
        }
    }

    /** The best of the calls that fit into the time: what disturbs a call only makes it slower. */
    private static double ratePerSecond(Runnable call) {
        long warm = System.nanoTime();
        do {
            call.run();
        } while (System.nanoTime() - warm < WARM_NANOS);
        long best = Long.MAX_VALUE;
        long begin = System.nanoTime();
        do {
            long before = System.nanoTime();
            call.run();
            best = Math.min(best, System.nanoTime() - before);
        } while (System.nanoTime() - begin < MEASURED_NANOS);
        return 1e9 / best;
    }

    /** For a terminal. */
    public String text() {
        return String.format(Locale.ROOT,
                "%s on %d threads: matrix product %.1f GFLOP/s (float32, %d x %d x %d), memory %.1f GB/s (copy, read + write)",
                backend, threads, gemmGflops, ROWS, WIDTH, WIDTH, copyGbps);
    }
}
