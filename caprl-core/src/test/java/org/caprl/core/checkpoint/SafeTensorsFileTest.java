package org.caprl.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.caprl.core.tensor.BFloat16;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsFileTest {
    @TempDir
    private Path folder;

    @Test
    void everyGoldenFileOpensAndReads() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(Golden.root())) {
            files = all.filter(f -> f.toString().endsWith(".safetensors")).toList();
        }
        assertTrue(files.size() >= 10, "only " + files.size() + " safetensors files under " + Golden.root());
        for (Path file : files) {
            try (SafeTensorsFile tensors = SafeTensorsFile.open(file)) {
                for (String name : tensors.names()) {
                    TensorInfo info = tensors.info(name);
                    int read = switch (info.type()) {
                        case F32, BF16, F16, F64 -> tensors.floats(name).length;
                        default -> tensors.longs(name).length;
                    };
                    assertEquals(info.elements(), read);
                }
            }
        }
    }

    @Test
    void widensEveryFloatingType() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(-2.5).putDouble(0.1).putFloat(3.25f).putFloat(-0f)
                .putShort(Float.floatToFloat16(-1.5f)).putShort(BFloat16.fromFloat(-7f));
        Path file = write("""
                {"d":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]},"f":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},
                "h":{"dtype":"F16","shape":[1],"data_offsets":[24,26]},"b":{"dtype":"BF16","shape":[],"data_offsets":[26,28]}}""",
                data.array());
        try (SafeTensorsFile tensors = SafeTensorsFile.open(file)) {
            assertArrayEquals(new float[] {-2.5f, 0.1f}, tensors.floats("d"));
            assertArrayEquals(new float[] {3.25f, -0f}, tensors.floats("f"));
            assertArrayEquals(new float[] {-1.5f}, tensors.floats("h"));
            assertArrayEquals(new float[] {-7f}, tensors.floats("b"));
            assertArrayEquals(new long[0], tensors.info("b").shape());
            assertArrayEquals(new long[] {2, 1}, tensors.info("d").shape());
            assertEquals("BF16", tensors.info("b").dtype());
        }
    }

    @Test
    void readsEveryIntegerTypeAlsoUnaligned() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(31).order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) -1).putLong(1L << 40).putInt(-5).putInt(-1).putShort((short) -2).putShort((short) -2).put((byte) -3)
                .put((byte) 1).putLong(7);
        Path file = write("""
                {"u8":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"i64":{"dtype":"I64","shape":[1],"data_offsets":[1,9]},
                "i32":{"dtype":"I32","shape":[1],"data_offsets":[9,13]},"u32":{"dtype":"U32","shape":[1],"data_offsets":[13,17]},
                "i16":{"dtype":"I16","shape":[1],"data_offsets":[17,19]},"u16":{"dtype":"U16","shape":[1],"data_offsets":[19,21]},
                "i8":{"dtype":"I8","shape":[1],"data_offsets":[21,22]},"bool":{"dtype":"BOOL","shape":[1],"data_offsets":[22,23]},
                "u64":{"dtype":"U64","shape":[1],"data_offsets":[23,31]}}""", data.array());
        try (SafeTensorsFile tensors = SafeTensorsFile.open(file)) {
            assertArrayEquals(new long[] {255}, tensors.longs("u8"));
            assertArrayEquals(new long[] {1L << 40}, tensors.longs("i64"));
            assertArrayEquals(new long[] {-5}, tensors.longs("i32"));
            assertArrayEquals(new long[] {0xffffffffL}, tensors.longs("u32"));
            assertArrayEquals(new long[] {-2}, tensors.longs("i16"));
            assertArrayEquals(new long[] {65534}, tensors.longs("u16"));
            assertArrayEquals(new long[] {-3}, tensors.longs("i8"));
            assertArrayEquals(new long[] {1}, tensors.longs("bool"));
            assertThrows(InputException.class, () -> tensors.longs("u64"));
            assertThrows(InputException.class, () -> tensors.floats("i64"));
        }
    }

    /** Tensors as name, dtype, shape, data_offsets, over 8 bytes of data. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "a Q4  [2]  [0,8]  | tensor 'a' has dtype 'Q4'",
        "a F32 [3]  [0,8]  | tensor 'a' of shape [3] and dtype F32 needs 12 bytes, but its data_offsets span 8 bytes",
        "a F32 [4]  [0,16] | tensor 'a' lies at bytes 0 to 16 of the data, but the file has 8 bytes of data",
        "a F32 [1]  [8,4]  | tensor 'a' lies at bytes 8 to 4",
        "a F32 [1]  [-4,0] | tensor 'a' has data_offsets [-4,0]",
        "a F32 [1]  [0]    | tensor 'a' has data_offsets [0]",
        "a F32 [-1] [0,4]  | tensor 'a' has shape [-1]",
        "a F32 [.5] [0,4]  | not valid JSON",
        "a F32 null [0,4]  | tensor 'a' has shape null",
        "a F32 [4611686018427387904,4] [0,4] | tensor 'a' has shape [4611686018427387904, 4], more bytes than can be counted",
        "a F32 [1]  [0,4]  | has 8 bytes of data, but its tensors cover 4 bytes",
        "a F32 [1]  [4,8]  | tensor 'a' begins at byte 4 of the data, but the tensors before it end at byte 0: there is a gap",
        "a F32 [2] [0,8]; b F32 [1] [4,8] | tensor 'b' begins at byte 4 of the data, but the tensors before it end at byte 8: they overlap",
        "a F32 [1] [0,4]; a F32 [1] [4,8] | Duplicate field 'a'",
    })
    void headerThatContradictsItselfIsRefused(String tensors, String expected) throws IOException {
        String header = Arrays.stream(tensors.split("; *")).map(t -> t.split(" +"))
                .map(t -> "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted((Object[]) t))
                .collect(Collectors.joining(",", "{", "}"));
        assertRefused(write(header, new byte[8]), expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\":{\"dtype\":\"F32\" | not valid JSON", "[1,2] | not a JSON object", "{} {} | not valid JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[0]}} | tensor 'a' has data_offsets"})
    void headerThatIsNoHeaderIsRefused(String header, String expected) throws IOException {
        assertRefused(write(header, new byte[0]), expected);
    }

    @Test
    void truncationAnywhereIsRefused() throws IOException {
        Path good = Golden.root().resolve("qwen2_untied/checkpoint/model.safetensors");
        byte[] bytes = Files.readAllBytes(good);
        int headerEnd = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertAll(Stream.of(0, 7, 8, 100, headerEnd - 1, headerEnd, headerEnd + 10, bytes.length - 1).map(length -> () -> {
            Path cut = Files.write(folder.resolve("cut-" + length + ".safetensors"), Arrays.copyOf(bytes, length));
            assertRefused(cut, "fetch it again");
        }));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path pointer = Files.writeString(folder.resolve("lfs.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        assertRefused(pointer, "not a safetensors file");
        assertRefused(folder, "is a folder");
        assertRefused(folder.resolve("none.safetensors"), "no file");
    }

    @Test
    void missingTensorNamesTheNearest() throws IOException {
        Path file = write("{\"layers.0.q_proj.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", new byte[4]);
        try (SafeTensorsFile tensors = SafeTensorsFile.open(file)) {
            InputException e = assertThrows(InputException.class, () -> tensors.floats("layers.0.k_proj.weight"));
            assertTrue(e.getMessage().contains(file + " has no tensor 'layers.0.k_proj.weight'"), e.getMessage());
            assertTrue(e.getMessage().contains("[layers.0.q_proj.weight]"), e.getMessage());
        }
    }

    private void assertRefused(Path file, String expected) {
        InputException e = assertThrows(InputException.class, () -> SafeTensorsFile.open(file).close());
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    private Path write(String header, byte[] data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer whole = ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length).put(text).put(data);
        return Files.write(folder.resolve("made.safetensors"), whole.array());
    }
}
