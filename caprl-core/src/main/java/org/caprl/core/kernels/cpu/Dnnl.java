package org.caprl.core.kernels.cpu;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;

/**
 * The few functions of oneDNN's C interface that this backend calls, and OpenMP's thread count, by foreign function handles: pointers are
 * plain {@code long}s and handles are constants, so a call allocates nothing. JavaCPP only unpacks and loads the libraries, when this class
 * is initialised; where that fails, it throws the loader's {@link LinkageError}.
 */
final class Dnnl {
    static final int BF16 = 2;
    static final int F32 = 3;
    static final int ARG_SRC = 1;
    static final int ARG_DST = 17;
    static final int ARG_WEIGHTS = 33;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong PTR = ValueLayout.JAVA_LONG;
    private static final AddressLayout OUT = ValueLayout.ADDRESS;

    private static final MethodHandle MEMORY_SET_HANDLE;
    private static final MethodHandle PRIMITIVE_EXECUTE;
    private static final MethodHandle OMP_SET_THREADS;
    private static final MethodHandle ENGINE_CREATE;
    private static final MethodHandle STREAM_CREATE;
    private static final MethodHandle DESC_CREATE;
    private static final MethodHandle DESC_DESTROY;
    private static final MethodHandle MEMORY_CREATE;
    private static final MethodHandle MEMORY_DESTROY;
    private static final MethodHandle POST_OPS_CREATE;
    private static final MethodHandle POST_OPS_DESTROY;
    private static final MethodHandle POST_OPS_SUM;
    private static final MethodHandle ATTR_CREATE;
    private static final MethodHandle ATTR_DESTROY;
    private static final MethodHandle ATTR_SET_POST_OPS;
    private static final MethodHandle MATMUL_CREATE;
    private static final MethodHandle PRIMITIVE_DESC_DESTROY;
    private static final MethodHandle PRIMITIVE_CREATE;
    private static final MethodHandle PRIMITIVE_DESTROY;
    private static final MethodHandle EFFECTIVE_ISA;
    private static final MethodHandle VERSION;
    private static final long ENGINE;

    private Dnnl() {
    }

    static {
        // JavaCPP's glue code is left alone: it would pull in OpenCL. The library finds its OpenMP beside itself.
        SymbolLookup omp = library("libgomp.so.1");
        SymbolLookup dnnl = library("libdnnl.so.3");
        MEMORY_SET_HANDLE = bind(dnnl, "dnnl_memory_set_data_handle", PTR, PTR);
        PRIMITIVE_EXECUTE = bind(dnnl, "dnnl_primitive_execute", PTR, PTR, INT, PTR);
        OMP_SET_THREADS = Linker.nativeLinker().downcallHandle(omp.findOrThrow("omp_set_num_threads"), FunctionDescriptor.ofVoid(INT));
        ENGINE_CREATE = bind(dnnl, "dnnl_engine_create", OUT, INT, PTR);
        STREAM_CREATE = bind(dnnl, "dnnl_stream_create", OUT, PTR, INT);
        DESC_CREATE = bind(dnnl, "dnnl_memory_desc_create_with_strides", OUT, INT, OUT, INT, OUT);
        DESC_DESTROY = bind(dnnl, "dnnl_memory_desc_destroy", PTR);
        MEMORY_CREATE = bind(dnnl, "dnnl_memory_create", OUT, PTR, PTR, PTR);
        MEMORY_DESTROY = bind(dnnl, "dnnl_memory_destroy", PTR);
        POST_OPS_CREATE = bind(dnnl, "dnnl_post_ops_create", OUT);
        POST_OPS_DESTROY = bind(dnnl, "dnnl_post_ops_destroy", PTR);
        POST_OPS_SUM = bind(dnnl, "dnnl_post_ops_append_sum", PTR, ValueLayout.JAVA_FLOAT, INT, INT);
        ATTR_CREATE = bind(dnnl, "dnnl_primitive_attr_create", OUT);
        ATTR_DESTROY = bind(dnnl, "dnnl_primitive_attr_destroy", PTR);
        ATTR_SET_POST_OPS = bind(dnnl, "dnnl_primitive_attr_set_post_ops", PTR, PTR);
        MATMUL_CREATE = bind(dnnl, "dnnl_matmul_primitive_desc_create", OUT, PTR, PTR, PTR, PTR, PTR, PTR);
        PRIMITIVE_DESC_DESTROY = bind(dnnl, "dnnl_primitive_desc_destroy", PTR);
        PRIMITIVE_CREATE = bind(dnnl, "dnnl_primitive_create", OUT, PTR);
        PRIMITIVE_DESTROY = bind(dnnl, "dnnl_primitive_destroy", PTR);
        EFFECTIVE_ISA = bind(dnnl, "dnnl_get_effective_cpu_isa");
        VERSION = Linker.nativeLinker().downcallHandle(dnnl.findOrThrow("dnnl_version"), FunctionDescriptor.of(OUT));
        ENGINE = newEngine();
    }

    /** Version of the library, as in {@code 3.13.0}. */
    static String version() {
        try {
            MemorySegment v = ((MemorySegment) VERSION.invokeExact()).reinterpret(12);
            return v.getAtIndex(INT, 0) + "." + v.getAtIndex(INT, 1) + "." + v.getAtIndex(INT, 2);
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    /** The instruction sets that oneDNN uses here, in oneDNN's own numbers ({@code dnnl_cpu_isa_t}). */
    static int effectiveIsa() {
        try {
            return (int) EFFECTIVE_ISA.invokeExact();
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    /** Sets how many threads OpenMP uses for calls from the calling thread. */
    static void ompThreads(int n) {
        try {
            OMP_SET_THREADS.invokeExact(n);
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    private static long newEngine() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(PTR);
            check("dnnl_engine_create", (int) ENGINE_CREATE.invokeExact(out, 1, 0L));
            return out.get(PTR, 0);
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    static long newStream() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(PTR);
            check("dnnl_stream_create", (int) STREAM_CREATE.invokeExact(out, ENGINE, 1));
            return out.get(PTR, 0);
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    /** A matrix description with element strides; {@code type} is {@link #F32} or {@link #BF16}. */
    static long matrix(int type, long rows, long columns, long rowStride, long columnStride) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(PTR);
            MemorySegment dims = arena.allocateFrom(PTR, rows, columns);
            MemorySegment strides = arena.allocateFrom(PTR, rowStride, columnStride);
            check("dnnl_memory_desc_create_with_strides", (int) DESC_CREATE.invokeExact(out, 2, dims, type, strides));
            return out.get(PTR, 0);
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    static void freeMatrix(long desc) {
        try {
            check("dnnl_memory_desc_destroy", (int) DESC_DESTROY.invokeExact(desc));
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    /** A memory object without data; see {@link #point}. */
    static long memory(long desc) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(PTR);
            check("dnnl_memory_create", (int) MEMORY_CREATE.invokeExact(out, desc, ENGINE, 0L));
            return out.get(PTR, 0);
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    static void freeMemory(long memory) {
        try {
            check("dnnl_memory_destroy", (int) MEMORY_DESTROY.invokeExact(memory));
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    /** The product dst = src · weights, or dst += src · weights. */
    static long matmul(long src, long weights, long dst, boolean accumulate) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(PTR);
            check("dnnl_primitive_attr_create", (int) ATTR_CREATE.invokeExact(out));
            long attr = out.get(PTR, 0);
            if (accumulate) {
                check("dnnl_post_ops_create", (int) POST_OPS_CREATE.invokeExact(out));
                long ops = out.get(PTR, 0);
                check("dnnl_post_ops_append_sum", (int) POST_OPS_SUM.invokeExact(ops, 1f, 0, 0));
                check("dnnl_primitive_attr_set_post_ops", (int) ATTR_SET_POST_OPS.invokeExact(attr, ops));
                check("dnnl_post_ops_destroy", (int) POST_OPS_DESTROY.invokeExact(ops));
            }
            check("dnnl_matmul_primitive_desc_create", (int) MATMUL_CREATE.invokeExact(out, ENGINE, src, weights, 0L, dst, attr));
            long desc = out.get(PTR, 0);
            check("dnnl_primitive_create", (int) PRIMITIVE_CREATE.invokeExact(out, desc));
            long primitive = out.get(PTR, 0);
            check("dnnl_primitive_desc_destroy", (int) PRIMITIVE_DESC_DESTROY.invokeExact(desc));
            check("dnnl_primitive_attr_destroy", (int) ATTR_DESTROY.invokeExact(attr));
            return primitive;
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    static void freePrimitive(long primitive) {
        try {
            check("dnnl_primitive_destroy", (int) PRIMITIVE_DESTROY.invokeExact(primitive));
        } catch (Throwable e) {
            throw wrapped(e);
        }
    }

    /** Points a memory object at data. */
    static void point(long memory, long address) {
        int status;
        try {
            status = (int) MEMORY_SET_HANDLE.invokeExact(memory, address);
        } catch (Throwable e) {
            throw wrapped(e);
        }
        check("dnnl_memory_set_data_handle", status);
    }

    /** Runs a primitive; {@code arguments} is the address of {@code count} pairs of {int argument, memory object}. */
    static void execute(long primitive, long stream, int count, long arguments) {
        int status;
        try {
            status = (int) PRIMITIVE_EXECUTE.invokeExact(primitive, stream, count, arguments);
        } catch (Throwable e) {
            throw wrapped(e);
        }
        check("dnnl_primitive_execute", status);
    }

    private static SymbolLookup library(String file) {
        String resource = "/org/bytedeco/dnnl/" + Loader.getPlatform() + "/" + file;
        try {
            File unpacked = Loader.cacheResource(org.bytedeco.dnnl.global.dnnl.class, resource);
            if (unpacked == null) {
                throw new UnsatisfiedLinkError("there is no " + resource + " on the class path");
            }
            return SymbolLookup.libraryLookup(unpacked.toPath(), Arena.global());
        } catch (IOException | IllegalArgumentException e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(file + ": " + e.getMessage());
            error.initCause(e);
            throw error;
        }
    }

    private static MethodHandle bind(SymbolLookup library, String name, MemoryLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(INT, arguments));
    }

    private static void check(String function, int status) {
        if (status != 0) {
            throw new IllegalStateException(function + " returned status " + status);
        }
    }

    private static RuntimeException wrapped(Throwable e) {
        return e instanceof RuntimeException r ? r : new IllegalStateException("oneDNN call failed", e);
    }
}
