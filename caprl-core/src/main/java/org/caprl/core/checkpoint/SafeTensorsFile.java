package org.caprl.core.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.caprl.core.InputException;
import org.caprl.core.NearestNames;
import org.caprl.core.tensor.BFloat16;

/**
 * A safetensors file, mapped into memory: nothing is read until a tensor is asked for. The header is checked in full when the
 * file is opened. Reading is safe from several threads; closing unmaps the file and ends the life of every {@link TensorInfo#data}.
 */
public final class SafeTensorsFile implements AutoCloseable {
    /** Elements that are converted at once. */
    private static final long PIECE = 1 << 21;

    private final Path file;
    private final Arena arena;
    private final NavigableMap<String, TensorInfo> tensors;
    private final SortedMap<String, String> metadata;

    private SafeTensorsFile(Path file, Arena arena, SafeTensorsHeader header) {
        this.file = file;
        this.arena = arena;
        this.tensors = Collections.unmodifiableNavigableMap(new TreeMap<>(header.tensors()));
        this.metadata = Collections.unmodifiableSortedMap(new TreeMap<>(header.metadata()));
    }

    /**
     * Maps the file and checks its header.
     *
     * @throws InputException if the file is missing, unreadable, truncated, or its header contradicts itself or the file's size
     */
    public static SafeTensorsFile open(Path file) {
        if (Files.isDirectory(file)) {
            throw new InputException(file + " is a folder, expected a safetensors file");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new SafeTensorsFile(file, arena, new SafeTensorsHeader(file, whole));
        } catch (NoSuchFileException e) {
            arena.close();
            throw new InputException("no file " + file + "; check the path, or fetch the checkpoint again", e);
        } catch (IOException e) {
            arena.close();
            throw new InputException("cannot read " + file + ": " + e.getMessage() + "; check its permissions", e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** The file that was opened. */
    public Path path() {
        return file;
    }

    /** Names of all tensors, sorted. */
    public SortedSet<String> names() {
        return tensors.navigableKeySet();
    }

    /** The free-form {@code __metadata__} strings of the header. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** True when the file holds a tensor of this name. */
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Type, shape and bytes of a tensor.
     *
     * @throws InputException if there is none of this name; the message lists near names
     */
    public TensorInfo info(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw missing(name, file.toString(), tensors.keySet());
        }
        return info;
    }

    /** The error for a tensor that {@code where} does not hold, with the names that come nearest. */
    static InputException missing(String name, String where, Collection<String> names) {
        List<String> near = NearestNames.of(name, names, 3);
        return new InputException(where + " has no tensor '" + name + "' among its " + names.size() + " tensors"
                + (near.isEmpty() ? "" : "; the nearest names are " + near)
                + "; the checkpoint is incomplete or of another architecture than its config.json says: fetch or export it again");
    }

    /**
     * A floating-point tensor as float32, row-major. BF16 and F16 are widened exactly, F64 is rounded.
     *
     * @throws InputException if the tensor is missing, holds no floating-point values, or has 2^31 elements or more
     */
    public float[] floats(String name) {
        float[] values = new float[arrayLength(info(name))];
        copyFloats(name, MemorySegment.ofArray(values));
        return values;
    }

    /**
     * Like {@link #floats}, into memory of the caller.
     *
     * @param dst native-order float32, exactly as many elements as the tensor
     */
    public void copyFloats(String name, MemorySegment dst) {
        copy(roomFor(name, dst, Float.BYTES), dst, Float.BYTES, false);
    }

    /**
     * A floating-point tensor as bfloat16, row-major. What is stored as BF16 is copied, everything else rounded to nearest even.
     *
     * @param dst native-order bfloat16, exactly as many elements as the tensor
     */
    public void copyBFloat16(String name, MemorySegment dst) {
        copy(roomFor(name, dst, Short.BYTES), dst, Short.BYTES, false);
    }

    /**
     * A tensor of weights, of which each must be a number.
     *
     * @param dst native-order float32 (4 {@code bytes} an element) or bfloat16 (2), exactly as many elements as the tensor
     * @throws InputException also if an element is NaN or infinite
     */
    void copyWeights(String name, MemorySegment dst, int bytes) {
        copy(roomFor(name, dst, bytes), dst, bytes, true);
    }

    /** Piece by piece; what of the mapped file was read is let go, so that a tensor is not in memory twice. */
    private void copy(TensorInfo info, MemorySegment dst, int bytes, boolean weights) {
        int stored = info.type().bytes();
        for (long at = 0; at < info.elements(); at += PIECE) {
            long n = Math.min(PIECE, info.elements() - at);
            MemorySegment from = info.data().asSlice(at * stored, n * stored);
            MemorySegment to = dst.asSlice(at * bytes, n * bytes);
            convert(info, from, to, bytes);
            if (weights) {
                long bad = NonFinite.first(to, bytes);
                if (bad >= 0) {
                    throw new InputException(file + ": tensor '" + info.name() + "' of shape " + Arrays.toString(info.shape())
                            + " holds NaN or an infinity, the first at element " + (at + bad)
                            + "; the weights are damaged, or the training that they come from diverged: fetch them again, or take an "
                            + "earlier checkpoint");
                }
            }
            from.unload();
        }
    }

    private void convert(TensorInfo info, MemorySegment from, MemorySegment to, int bytes) {
        long n = from.byteSize() / info.type().bytes();
        boolean floats = bytes == Float.BYTES;
        switch (info.type()) {
            case F32 -> {
                if (floats) {
                    MemorySegment.copy(from, 0, to, 0, from.byteSize());
                } else {
                    BFloat16.narrow(from, to);
                }
            }
            case BF16 -> {
                if (floats) {
                    BFloat16.widen(from, to);
                } else {
                    MemorySegment.copy(from, 0, to, 0, from.byteSize());
                }
            }
            case F16, F64 -> {
                for (long i = 0; i < n; i++) {
                    float value = element(info.type(), from, i);
                    if (floats) {
                        to.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
                    } else {
                        to.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, BFloat16.fromFloat(value));
                    }
                }
            }
            default -> throw notFloats(info);
        }
    }

    private TensorInfo roomFor(String name, MemorySegment dst, int bytes) {
        TensorInfo info = info(name);
        if (dst.byteSize() != info.elements() * bytes) {
            throw new IllegalArgumentException("tensor '" + name + "' has " + info.elements() + " elements, the destination room for "
                    + dst.byteSize() / bytes);
        }
        return info;
    }

    /** An element of an F16 or F64 tensor. */
    private static float element(StoredType type, MemorySegment from, long i) {
        return type == StoredType.F16 ? Float.float16ToFloat(from.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i))
                : (float) from.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
    }

    private InputException notFloats(TensorInfo info) {
        return new InputException(file + ": tensor '" + info.name() + "' is stored as " + info.dtype()
                + ", expected one of F32, BF16, F16, F64; quantised checkpoints are not read: take the unquantised one");
    }

    /**
     * An integer or boolean tensor, row-major.
     *
     * @throws InputException if the tensor is missing, holds no integers, or has 2^31 elements or more
     */
    public long[] longs(String name) {
        TensorInfo info = info(name);
        MemorySegment src = info.data();
        long[] values = new long[arrayLength(info)];
        switch (info.type()) {
            case I64 -> Arrays.setAll(values, i -> src.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i));
            case I32 -> Arrays.setAll(values, i -> src.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i));
            case U32 -> Arrays.setAll(values, i -> Integer.toUnsignedLong(src.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i)));
            case I16 -> Arrays.setAll(values, i -> src.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i));
            case U16 -> Arrays.setAll(values, i -> Short.toUnsignedLong(src.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i)));
            case I8 -> Arrays.setAll(values, i -> src.get(ValueLayout.JAVA_BYTE, i));
            case U8, BOOL -> Arrays.setAll(values, i -> Byte.toUnsignedLong(src.get(ValueLayout.JAVA_BYTE, i)));
            default -> throw new InputException(file + ": tensor '" + name + "' is stored as " + info.dtype()
                    + ", expected integers (I64, I32, U32, I16, U16, I8, U8 or BOOL)");
        }
        return values;
    }

    private int arrayLength(TensorInfo info) {
        if (info.elements() > Integer.MAX_VALUE - 8) {
            throw new InputException(file + ": tensor '" + info.name() + "' of shape " + Arrays.toString(info.shape())
                    + " is too large for an array; copy it into native memory");
        }
        return (int) info.elements();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
