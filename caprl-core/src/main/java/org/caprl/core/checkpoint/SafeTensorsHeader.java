package org.caprl.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.caprl.core.InputException;

/**
 * Reads and checks the header of a safetensors file: 8 bytes of little-endian length, then JSON
 * {@code {name: {dtype, shape, data_offsets: [begin, end]}}}, then the data, which the tensors cover without gap or overlap.
 */
final class SafeTensorsHeader {
    /** The limit of the format's reference implementation. */
    private static final long MAX_HEADER_BYTES = 100_000_000;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final String DOWNLOAD_AGAIN = "; the file is probably an incomplete download or copy: fetch it again";

    private final Path file;
    private final MemorySegment data;
    private final SortedMap<String, TensorInfo> tensors = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();

    private record Extent(String name, long begin, long end) {
    }

    SafeTensorsHeader(Path file, MemorySegment whole) {
        this.file = file;
        long size = whole.byteSize();
        if (size < Long.BYTES) {
            throw bad("has " + size + " bytes, fewer than the 8 that hold the header's length" + DOWNLOAD_AGAIN);
        }
        long length = whole.get(LENGTH, 0);
        if (length < 2 || length > MAX_HEADER_BYTES) {
            throw bad("announces a header of " + Long.toUnsignedString(length) + " bytes, outside 2 to " + MAX_HEADER_BYTES
                    + ": this is not a safetensors file (a Git LFS pointer or an HTML error page, perhaps); fetch it again");
        }
        if (length > size - Long.BYTES) {
            throw bad("announces a header of " + length + " bytes, but only " + (size - Long.BYTES) + " bytes follow" + DOWNLOAD_AGAIN);
        }
        this.data = whole.asSlice(Long.BYTES + length);
        JsonNode header = parse(whole.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE));
        List<Extent> extents = new ArrayList<>();
        header.properties().forEach(entry -> {
            if (entry.getKey().equals("__metadata__")) {
                entry.getValue().properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
            } else {
                extents.add(tensor(entry.getKey(), entry.getValue()));
            }
        });
        requireCovering(extents);
    }

    SortedMap<String, TensorInfo> tensors() {
        return tensors;
    }

    SortedMap<String, String> metadata() {
        return metadata;
    }

    private JsonNode parse(byte[] text) {
        try {
            JsonNode node = JSON.readTree(text);
            if (!node.isObject()) {
                throw bad("has a header that is not a JSON object; write the file again with the safetensors library");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new InputException(file + " has a header that is not valid JSON (" + JsonFault.describe(e) + ")" + DOWNLOAD_AGAIN, e);
        } catch (IOException e) {
            throw new InputException(file + " has an unreadable header: " + e.getMessage() + DOWNLOAD_AGAIN, e);
        }
    }

    private Extent tensor(String name, JsonNode node) {
        String dtype = node.path("dtype").asText();
        StoredType type = StoredType.named(dtype).orElseThrow(() -> badTensor(name, "has dtype '" + dtype + "', which is none of "
                + Arrays.toString(StoredType.values()) + "; convert the checkpoint to one of these"));
        long[] shape = shape(name, node.path("shape"));
        JsonNode offsets = node.path("data_offsets");
        if (!offsets.isArray() || offsets.size() != 2 || !isCount(offsets.get(0)) || !isCount(offsets.get(1))) {
            throw badTensor(name, "has data_offsets " + offsets + ", expected [begin, end] in bytes" + DOWNLOAD_AGAIN);
        }
        long begin = offsets.get(0).longValue();
        long end = offsets.get(1).longValue();
        if (begin > end || end > data.byteSize()) {
            throw badTensor(name, "lies at bytes " + begin + " to " + end + " of the data, but the file has " + data.byteSize()
                    + " bytes of data" + DOWNLOAD_AGAIN);
        }
        long expected = byteSize(name, type, shape);
        if (expected != end - begin) {
            throw badTensor(name, "of shape " + Arrays.toString(shape) + " and dtype " + type + " needs " + expected
                    + " bytes, but its data_offsets span " + (end - begin) + " bytes" + DOWNLOAD_AGAIN);
        }
        tensors.put(name, new TensorInfo(name, type, shape, data.asSlice(begin, end - begin)));
        return new Extent(name, begin, end);
    }

    private long[] shape(String name, JsonNode node) {
        if (!node.isArray()) {
            throw badTensor(name, "has shape " + node + ", expected a list of sizes" + DOWNLOAD_AGAIN);
        }
        long[] shape = new long[node.size()];
        for (int i = 0; i < shape.length; i++) {
            if (!isCount(node.get(i))) {
                throw badTensor(name, "has shape " + node + ", expected whole numbers from 0" + DOWNLOAD_AGAIN);
            }
            shape[i] = node.get(i).longValue();
        }
        return shape;
    }

    private long byteSize(String name, StoredType type, long[] shape) {
        try {
            long bytes = type.bytes();
            for (long d : shape) {
                bytes = Math.multiplyExact(bytes, d);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw badTensor(name, "has shape " + Arrays.toString(shape) + ", more bytes than can be counted" + DOWNLOAD_AGAIN);
        }
    }

    private void requireCovering(List<Extent> extents) {
        extents.sort(Comparator.comparingLong(Extent::begin).thenComparingLong(Extent::end));
        long covered = 0;
        for (Extent e : extents) {
            if (e.begin() != covered) {
                throw badTensor(e.name(), "begins at byte " + e.begin() + " of the data, but the tensors before it end at byte " + covered
                        + (e.begin() < covered ? ": they overlap" : ": there is a gap") + DOWNLOAD_AGAIN);
            }
            covered = e.end();
        }
        if (covered != data.byteSize()) {
            throw bad("has " + data.byteSize() + " bytes of data, but its tensors cover " + covered + " bytes" + DOWNLOAD_AGAIN);
        }
    }

    private static boolean isCount(JsonNode node) {
        return node.canConvertToExactIntegral() && node.canConvertToLong() && node.longValue() >= 0;
    }

    private InputException bad(String what) {
        return new InputException(file + " " + what);
    }

    private InputException badTensor(String name, String what) {
        return new InputException(file + ": tensor '" + name + "' " + what);
    }
}
