package org.caprl.core.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecodeAllocationTest {
    private static final int WARM_UP = 1500;
    private static final int STEPS = 200;

    /** Looks at all threads after the warm-up and again 200 steps later, between two decode steps. */
    private static final class Meter implements GenerationListener {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final TinyModel tiny;
        private long[] ids;
        private long[] before;
        private long[] after;
        private long heldBefore;
        private long heldAfter;
        private long usedBefore;
        private long usedAfter;
        private int step;

        Meter(TinyModel tiny) {
            this.tiny = tiny;
        }

        @Override
        public void progressed(int finished, int total, long sampledTokens) {
            step++;
            if (step == WARM_UP) {
                ids = Arrays.stream(threads.getAllThreadIds()).filter(this::ofEngine).toArray();
                heldBefore = tiny.ops.memory().bytesHeld();
                usedBefore = tiny.ops.memory().bytesInUse();
                threads.getThreadAllocatedBytes(ids);
                before = threads.getThreadAllocatedBytes(ids);
            } else if (step == WARM_UP + STEPS) {
                after = threads.getThreadAllocatedBytes(ids);
                heldAfter = tiny.ops.memory().bytesHeld();
                usedAfter = tiny.ops.memory().bytesInUse();
            }
        }

        private boolean ofEngine(long id) {
            String name = threads.getThreadInfo(id).getThreadName();
            return id == Thread.currentThread().threadId() || name.startsWith("caprl");
        }

        /** Bytes of one measurement alone, taken the same way, to be subtracted. */
        private long ownBytes() {
            long[] first = threads.getThreadAllocatedBytes(ids);
            long[] second = threads.getThreadAllocatedBytes(ids);
            return sum(second) - sum(first);
        }
    }

    private static long sum(long[] values) {
        return Arrays.stream(values).sum();
    }

    @Test
    void twoHundredWarmDecodeStepsAllocateNothing() {
        assumeTrue(TinyModel.backends().contains("cpu"), "backend cpu can't start here, and the oracle may allocate: NOT CHECKED");
        try (TinyModel tiny = new TinyModel("cpu")) {
            Meter meter = new Meter(tiny);
            SamplingParams params = SamplingParams.sampling(1, WARM_UP + STEPS + 50, List.of()).withFilters(20, 0.9, 0.05)
                    .withRepetitionPenalty(1.1);
            GeneratorLimits limits = new GeneratorLimits(8, 16384, 64, "rollout.kv_rows");
            try (BatchGenerator large = new BatchGenerator(tiny.model, tiny.ops, TokenText.NONE, limits)) {
                large.generate(List.of(GenerationRequest.captions(TinyModel.prompt(1, 40), params, TinyModel.keys(1, 8))), 0, meter);
            }
            System.out.println("allocated in " + STEPS + " decode steps by " + meter.ids.length + " threads: "
                    + (sum(meter.after) - sum(meter.before)) + " bytes, of which measuring " + meter.ownBytes());
            assertEquals(0, sum(meter.after) - sum(meter.before) - meter.ownBytes());
            assertEquals(meter.heldBefore, meter.heldAfter, "native bytes held");
            assertEquals(meter.usedBefore, meter.usedAfter, "native bytes in use");
        }
    }
}
