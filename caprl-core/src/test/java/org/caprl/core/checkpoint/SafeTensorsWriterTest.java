package org.caprl.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.caprl.core.Golden;
import org.caprl.core.tensor.BFloat16;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsWriterTest {
    @TempDir
    private Path folder;

    /** The golden file was written by the reference implementation through {@code save_pretrained}. */
    @Test
    void sameTensorsGiveTheBytesOfTheReferenceImplementation() throws IOException {
        Path golden = Golden.root().resolve("qwen2_untied/checkpoint/model.safetensors");
        Path written = folder.resolve("written.safetensors");
        try (SafeTensorsFile tensors = SafeTensorsFile.open(golden)) {
            SafeTensorsWriter.write(written, tensors.names().stream()
                    .map(n -> new StoredTensor(n, StoredType.F32, tensors.info(n).shape(), MemorySegment.ofArray(tensors.floats(n))))
                    .toList());
        }
        assertEquals(-1, Files.mismatch(golden, written));
    }

    @Test
    void mixedTypesAreAlignedAndReadBack() throws IOException {
        float[] many = new float[700_001]; // several chunks, and a last one that is not full
        Random random = new Random(3);
        for (int i = 0; i < many.length; i++) {
            many[i] = (float) random.nextGaussian();
        }
        Path file = folder.resolve("mixed.safetensors");
        SafeTensorsWriter.write(file, List.of(
                new StoredTensor("a.bf16", StoredType.BF16, new long[] {many.length}, MemorySegment.ofArray(many)),
                new StoredTensor("z.f32", StoredType.F32, new long[] {1, many.length}, MemorySegment.ofArray(many)),
                new StoredTensor("ids", StoredType.I32, new long[] {3}, MemorySegment.ofArray(new int[] {1, -2, 3})),
                new StoredTensor("scalar", StoredType.F32, new long[0], MemorySegment.ofArray(new float[] {0.5f})),
                new StoredTensor("empty", StoredType.F32, new long[] {0, 4}, MemorySegment.ofArray(new float[0]))));
        long header = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, header % 8);
        try (SafeTensorsFile tensors = SafeTensorsFile.open(file)) {
            assertEquals(Map.of("format", "pt"), tensors.metadata());
            assertArrayEquals(many, tensors.floats("z.f32"));
            assertArrayEquals(new long[] {1, -2, 3}, tensors.longs("ids"));
            assertArrayEquals(new float[] {0.5f}, tensors.floats("scalar"));
            assertArrayEquals(new float[0], tensors.floats("empty"));
            float[] narrowed = tensors.floats("a.bf16");
            for (int i = 0; i < many.length; i++) {
                assertEquals(BFloat16.toFloat(BFloat16.fromFloat(many[i])), narrowed[i]);
            }
            long base = tensors.info("ids").data().address();
            for (String name : tensors.names()) {
                TensorInfo info = tensors.info(name);
                assertEquals(0, (info.data().address() - base) % info.type().bytes(), name);
            }
        }
    }

    @Test
    void mistakesOfTheCallerAreRefused() {
        MemorySegment two = MemorySegment.ofArray(new float[2]);
        assertThrows(IllegalArgumentException.class, () -> new StoredTensor("a", StoredType.F32, new long[] {3}, two));
        assertThrows(IllegalArgumentException.class, () -> new StoredTensor("a", StoredType.F16, new long[] {2}, two));
        StoredTensor a = new StoredTensor("a", StoredType.F32, new long[] {2}, two);
        assertThrows(IllegalArgumentException.class, () -> SafeTensorsWriter.write(folder.resolve("twice"), List.of(a, a)));
        assertTrue(Files.notExists(folder.resolve("twice")));
    }
}
