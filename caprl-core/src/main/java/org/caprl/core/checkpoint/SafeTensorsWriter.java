package org.caprl.core.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.caprl.core.tensor.BFloat16;

/**
 * Writes safetensors files by streaming: beside the tensors themselves it needs one buffer of 1 MiB.
 *
 * <p>As in the reference implementation, tensors with wider elements come first and then names are sorted (so that every
 * tensor is aligned to its element size), and the header is padded with spaces to a multiple of 8 bytes. The same tensors give
 * the same bytes.
 */
public final class SafeTensorsWriter {
    private static final int CHUNK = 1 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    private SafeTensorsWriter() {
    }

    /**
     * Writes a new file, which must not exist. A crash may leave a part of it: write inside an {@link AtomicDirectory}.
     *
     * @throws RuntimeException as {@link DiskFailure#writing} says, when the disk refuses
     */
    public static void write(Path file, Collection<StoredTensor> tensors) {
        List<StoredTensor> ordered = tensors.stream()
                .sorted(Comparator.comparingInt((StoredTensor t) -> -t.type().bytes()).thenComparing(StoredTensor::name))
                .toList();
        Set<String> names = new HashSet<>();
        ordered.forEach(t -> {
            if (!names.add(t.name())) {
                throw new IllegalArgumentException("two tensors are named '" + t.name() + "'");
            }
        });
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                Arena arena = Arena.ofConfined()) {
            writeFully(channel, header(ordered));
            MemorySegment buffer = arena.allocate(CHUNK, 8);
            for (StoredTensor t : ordered) {
                writeValues(channel, t, buffer);
            }
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        }
    }

    private static ByteBuffer header(List<StoredTensor> ordered) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt"); // transformers refuses files without a format
        long offset = 0;
        for (StoredTensor t : ordered) {
            ObjectNode node = header.putObject(t.name()).put("dtype", t.type().name());
            Arrays.stream(t.shape()).forEach(node.putArray("shape")::add);
            node.putArray("data_offsets").add(offset).add(offset += t.storedBytes());
        }
        byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return ByteBuffer.allocate(Long.BYTES + padded.length).order(ByteOrder.LITTLE_ENDIAN).putLong(padded.length).put(padded).flip();
    }

    /** Through a small native buffer, since values may live on or off the heap and a mapped tensor may exceed 2 GiB. */
    private static void writeValues(FileChannel channel, StoredTensor t, MemorySegment buffer) throws IOException {
        long elements = t.values().byteSize() / 4;
        long perChunk = CHUNK / t.type().bytes();
        for (long done = 0; done < elements; done += perChunk) {
            long n = Math.min(perChunk, elements - done);
            MemorySegment from = t.values().asSlice(done * 4, n * 4);
            MemorySegment to = buffer.asSlice(0, n * t.type().bytes());
            switch (t.type()) {
                case BF16 -> BFloat16.narrow(from, to);
                case F32, I32 -> MemorySegment.copy(from, ValueLayout.JAVA_INT_UNALIGNED, 0, to, ValueLayout.JAVA_INT_UNALIGNED, 0, n);
                default -> throw new IllegalStateException(t.type().name());
            }
            writeFully(channel, to.asByteBuffer());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
