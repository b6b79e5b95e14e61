package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Blocks, scopes and views. */
class MemoryTest {
    @Test
    void blocksComeInClassesAndAreUsedAgain() {
        assertEquals(64, HostMemory.classSize(1));
        assertEquals(80, HostMemory.classSize(65));
        assertEquals(128, HostMemory.classSize(113));
        assertEquals(160, HostMemory.classSize(129));
        try (HostMemory memory = new HostMemory()) {
            Storage first = memory.take(1000);
            assertEquals(0, first.host().address() % 64);
            memory.give(first);
            assertSame(first, memory.take(1001), "1000 and 1001 bytes are of one class");
            assertEquals(memory.bytesHeld(), memory.bytesInUse());
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
            assertEquals(1024, memory.bytesHeld(), "a block in use stays");
            memory.give(a);
            assertEquals(0, memory.bytesInUse());
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
            assertEquals(64, memory.bytesInUse(), "the three floats, in the smallest class");
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
