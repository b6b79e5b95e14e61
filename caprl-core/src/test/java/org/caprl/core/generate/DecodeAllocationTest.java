package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.FreshJvm;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.tensor.Memory;
import org.junit.jupiter.api.Test;

class DecodeAllocationTest {
    private static final int STEPS = 200;
    private static final int WINDOWS = 18;

    /** Ends a generation from its listener. */
    private static final class SeenEnough extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /**
     * Compares the allocated bytes of all engine threads every 200 decode steps. How many steps the compiler needs until the code is warm
     * depends on the machine, so windows are measured until one is clean; code that allocates at every step never gives a clean one.
     */
    private static final class Meter implements GenerationListener {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final Memory memory;
        private final long[] windows = new long[WINDOWS];
        private long[] ids = {};
        private long before;
        private long heldBefore;
        private long usedBefore;
        private int step;
        private int window;

        Meter(Memory memory) {
            this.memory = memory;
        }

        @Override
        public void progressed(int finished, int total, long sampledTokens) {
            if (++step % STEPS != 0) {
                return;
            }
            long now = allocated();
            if (before > 0) {
                windows[window] = now - before;
                if (windows[window] == 0 && memory.bytesHeld() == heldBefore && memory.bytesInUse() == usedBefore) {
                    throw new SeenEnough();
                }
                window++;
            }
            ids = Arrays.stream(threads.getAllThreadIds()).filter(this::ofEngine).toArray();
            heldBefore = memory.bytesHeld();
            usedBefore = memory.bytesInUse();
            long first = allocated();
            long second = allocated();
            before = second + (second - first);
        }

        private long allocated() {
            long sum = 0;
            for (long bytes : threads.getThreadAllocatedBytes(ids)) {
                sum += bytes;
            }
            return sum;
        }

        private boolean ofEngine(long id) {
            return id == Thread.currentThread().threadId() || threads.getThreadInfo(id).getThreadName().startsWith("caprl");
        }
    }

    @Test
    void twoHundredWarmDecodeStepsAllocateNothing() {
        assumeTrue(TinyModel.backends().contains("cpu"), "backend cpu can't start here, and the oracle may allocate: NOT CHECKED");
        FreshJvm.run(DecodeAllocationTest.class);
    }

    /** The check, of a model with adapters: their layers do what plain ones do, and more. */
    public static void main(String[] args) {
        Adapters adapters = Adapters.fresh(new LoraSettings(4, 8, 0.1, false, List.of("*"), true), 1);
        GeneratorLimits limits = new GeneratorLimits(8, 40000, 64, "rollout.kv_rows");
        try (TinyModel tiny = new TinyModel("cpu", adapters);
                BatchGenerator generator = new BatchGenerator(tiny.model, tiny.ops, TokenText.NONE, limits)) {
            Meter meter = new Meter(tiny.ops.memory());
            SamplingParams params = SamplingParams.sampling(1, (WINDOWS + 2) * STEPS, List.of()).withFilters(20, 0.9, 0.05)
                    .withRepetitionPenalty(1.1);
            GenerationRequest request = GenerationRequest.captions(TinyModel.prompt(1, 40), params, TinyModel.keys(1, 8));
            assertThrows(SeenEnough.class, () -> generator.generate(List.of(request), 0, meter),
                    () -> "bytes allocated in windows of " + STEPS + " steps: " + Arrays.toString(meter.windows));
            assertEquals(tiny.ops.threads(), meter.ids.length, "threads looked at");
            assertTrue(meter.window < WINDOWS);
            System.out.println("bytes allocated in windows of " + STEPS + " decode steps of 8 rows, by " + meter.ids.length + " threads: "
                    + Arrays.toString(Arrays.copyOf(meter.windows, meter.window + 1)));
        }
    }
}
