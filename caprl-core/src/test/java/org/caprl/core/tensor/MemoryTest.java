package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks, scopes and views. */
class MemoryTest {
    @Test
    void blocksAreAlignedAndTheirMemoryIsUsedAgain() {
        try (HostMemory memory = new HostMemory()) {
            Storage first = memory.take(1000);
            assertEquals(1024, first.byteSize());
            assertEquals(0, first.host().address() % 64);
            long address = first.host().address();
            memory.give(first);
            assertEquals(address, memory.take(500).host().address());
            assertEquals(address + 512, memory.take(3).host().address());
        }
    }

    @Test
    void neighboursThatAreGivenBackAreOneStretch() {
        try (HostMemory memory = new HostMemory()) {
            Storage[] blocks = new Storage[16];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = memory.take(1 << 16);
            }
            long held = memory.bytesHeld();
            assertEquals(1 << 20, held);
            for (int i : new int[] {3, 5, 4, 0, 15, 14, 1, 2, 8, 6, 7, 10, 12, 9, 11, 13}) {
                memory.give(blocks[i]);
            }
            assertEquals(1 << 20, memory.take(1 << 20).byteSize());
            assertEquals(held, memory.bytesHeld());
        }
    }

    @Test
    void unusedRegionsGoBackBeforeANewOneIsTaken() {
        try (HostMemory memory = new HostMemory()) {
            for (int mib = 1; mib <= 80; mib++) {
                Storage a = memory.take((long) mib << 20);
                Storage b = memory.take((long) mib << 20);
                memory.give(a);
                memory.give(b);
                assertTrue(memory.bytesHeld() <= Math.max(3L * mib << 20, 130L << 20), mib + " MiB twice, held " + memory.bytesHeld());
            }
        }
    }

    /** What is held is bound by the largest step, though no two steps ask for the same sizes; blocks keep their contents. */
    @Test
    void randomUseNeitherGrowsNorMixesBlocks() {
        Random random = new Random(5);
        try (HostMemory memory = new HostMemory()) {
            long heldEarly = 0;
            for (int step = 1; step <= 60; step++) {
                List<Storage> blocks = new ArrayList<>();
                for (int i = 0; i < 400; i++) {
                    if (blocks.isEmpty() || random.nextInt(3) > 0) {
                        Storage block = memory.take(1 + random.nextInt(200_000));
                        block.host().fill((byte) System.identityHashCode(block));
                        blocks.add(block);
                    } else {
                        Storage block = blocks.remove(random.nextInt(blocks.size()));
                        assertEquals(-1, block.host().mismatch(MemorySegment.ofArray(filled(block))));
                        memory.give(block);
                    }
                }
                blocks.forEach(memory::give);
                assertEquals(0, memory.bytesInUse());
                heldEarly = step == 10 ? memory.bytesHeld() : heldEarly;
            }
            assertTrue(memory.bytesHeld() <= 1.25 * heldEarly, "held " + heldEarly + " bytes, then " + memory.bytesHeld());
            assertTrue(memory.bytesHeld() <= 2 * memory.peakBytes(), memory.bytesHeld() + " held for " + memory.peakBytes());
        }
    }

    private static byte[] filled(Storage block) {
        byte[] bytes = new byte[(int) block.byteSize()];
        Arrays.fill(bytes, (byte) System.identityHashCode(block));
        return bytes;
    }

    @Test
    void ownersAreCountedApart() {
        try (HostMemory memory = new HostMemory(); TensorScope weights = new TensorScope(memory, MemoryOwner.WEIGHTS)) {
            weights.floats(16);
            try (TensorScope activations = weights.child(MemoryOwner.ACTIVATIONS); TensorScope inner = activations.child()) {
                activations.floats(32);
                inner.floats(64);
            }
            memory.give(memory.take(640));
            assertEquals(64, memory.peakBytes(MemoryOwner.WEIGHTS));
            assertEquals(384, memory.peakBytes(MemoryOwner.ACTIVATIONS));
            assertEquals(640, memory.peakBytes(MemoryOwner.WORKSPACE));
            assertEquals(64 + 640, memory.peakBytes());
            memory.resetPeak();
            assertEquals(64, memory.peakBytes(MemoryOwner.WEIGHTS));
            assertEquals(0, memory.peakBytes(MemoryOwner.ACTIVATIONS));
        }
    }

    @Test
    void countsWhatIsInUseAndItsPeak() {
        try (HostMemory memory = new HostMemory()) {
            Storage a = memory.take(1024);
            Storage b = memory.take(2048);
            memory.give(b);
            assertEquals(1024, memory.bytesInUse());
            assertEquals(3072, memory.peakBytes());
            memory.resetPeak();
            assertEquals(1024, memory.peakBytes());
            memory.trim();
            assertEquals(1 << 20, memory.bytesHeld(), "a region in use stays");
            memory.give(a);
            assertEquals(0, memory.bytesInUse());
            memory.trim();
            assertEquals(0, memory.bytesHeld());
        }
    }

    @Test
    void aBlockIsGivenBackOnce() {
        try (HostMemory memory = new HostMemory()) {
            Storage block = memory.take(10);
            memory.give(block);
            assertThrows(IllegalStateException.class, () -> memory.give(block));
        }
    }

    @Test
    void aScopeReturnsItsBlocksAndOthersKeepTheirs() {
        try (HostMemory memory = new HostMemory(); TensorScope run = new TensorScope(memory)) {
            Tensor kept;
            try (TensorScope step = run.child()) {
                kept = step.floatsOf(new float[] {1, 2, 3}, 3);
                Tensor gone = step.floats(64);
                step.release(gone);
                assertThrows(IllegalArgumentException.class, () -> step.release(gone));
                step.floats(5);
                step.transfer(kept, run);
                assertFalse(step.owns(kept));
            }
            assertTrue(run.owns(kept));
            assertEquals(64, memory.bytesInUse(), "the three floats, in the smallest block");
            assertEquals(2f, kept.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 1));
        }
    }

    @Test
    void aClosedScopeAllocatesNothingAndForeignMemoryIsRefused() {
        try (HostMemory memory = new HostMemory(); HostMemory other = new HostMemory(); TensorScope there = new TensorScope(other)) {
            TensorScope here = new TensorScope(memory);
            Tensor t = here.floats(2);
            assertThrows(IllegalArgumentException.class, () -> here.transfer(t, there));
            here.close();
            here.close();
            assertThrows(IllegalStateException.class, () -> here.floats(1));
            assertEquals(0, memory.bytesInUse());
        }
    }

    @Test
    void zerosAreZeroInUsedMemory() {
        try (HostMemory memory = new HostMemory(); TensorScope scope = new TensorScope(memory)) {
            scope.release(scope.floatsOf(new float[] {7, 8}, 2));
            Tensor zeros = scope.zeros(DType.F32, 2);
            assertEquals(0f, zeros.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 1));
        }
    }

    @Test
    void viewsShareElementsAndRefuseWhatDoesNotFit() {
        try (HostMemory memory = new HostMemory(); TensorScope scope = new TensorScope(memory)) {
            Tensor x = scope.floatsOf(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 4, 3);
            Tensor view = x.rows(1, 4).rows(1, 3);
            assertEquals("F32[2, 3]", view.toString());
            assertEquals(6f, view.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 0));
            view.segment().setAtIndex(ValueLayout.JAVA_FLOAT, 5, -1f);
            assertEquals(-1f, x.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 11));
            assertEquals(6, x.reshape(2, 6).columns());
            assertEquals(3, x.rows(2, 2).columns(), "no rows still have columns");
            assertThrows(IllegalArgumentException.class, () -> x.reshape(5, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> x.rows(3, 5));
        }
    }

    @Test
    void whatWasDerivedEndsWithAWriteThroughAnyView() {
        try (HostMemory memory = new HostMemory(); TensorScope scope = new TensorScope(memory)) {
            Tensor w = scope.floats(4, 4);
            Object packed = new Object();
            w.derive(packed);
            assertSame(packed, w.derived());
            w.rows(1, 2).markWritten();
            assertNull(w.derived());
            assertEquals(1, w.version());
        }
    }
}
