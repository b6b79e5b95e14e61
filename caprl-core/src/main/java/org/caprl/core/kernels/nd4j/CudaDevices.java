package org.caprl.core.kernels.nd4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.caprl.core.tensor.BackendProvider.Availability;

/**
 * NVIDIA GPUs as the driver lists them, asked before ND4J is loaded: on a GPU that its binaries hold no code for, it would fail only in its
 * first kernel.
 *
 * @param devices that this process may see
 * @param problem why the driver gave no list; empty when it did
 */
record CudaDevices(List<Device> devices, String problem) {
    /** nd4j-cuda-11.6 has machine code for 3.7, 5.x, 6.x, 7.x, 8.0 and 8.6 (which runs on 8.7 and 8.9 too), and no PTX for others. */
    private static final int OLDEST = 37;
    private static final int NEWEST = 89;
    private static final int MAJOR = 75;
    private static final int MINOR = 76;

    /** A GPU and its compute capability. */
    record Device(String name, int major, int minor) {
        boolean known() {
            return 10 * major + minor >= OLDEST && 10 * major + minor <= NEWEST;
        }

        @Override
        public String toString() {
            return name + " (compute capability " + major + "." + minor + ")";
        }
    }

    /** Why nd4j-cuda can't run on these devices; empty when it can. */
    Optional<Availability> refusal() {
        if (!problem.isEmpty() || devices.isEmpty()) {
            return Optional.of(new Availability(false, problem.isEmpty() ? "the NVIDIA driver lists no GPU" : problem,
                    "Install the driver and check with nvidia-smi, or build without -Pnd4j-cuda for the processor."));
        }
        if (devices.size() > 1) {
            return Optional.of(new Availability(false, "it uses one GPU and sees " + devices.size(),
                    "Choose one, as with CUDA_VISIBLE_DEVICES=0."));
        }
        if (!devices.getFirst().known()) {
            return Optional.of(new Availability(false, devices.getFirst() + " is not one that nd4j-cuda-11.6 has code for: its binaries "
                    + "hold code for 3.7 to 8.6, which covers up to 8.9 (Ada), and no PTX", "Use a GPU from Kepler (3.7) to Ada (8.9), or "
                    + "build without -Pnd4j-cuda for the processor."));
        }
        return Optional.empty();
    }

    static CudaDevices ofThisMachine() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup driver = SymbolLookup.libraryLookup("libcuda.so.1", arena);
            return listed(driver, arena);
        } catch (IllegalArgumentException e) {
            return new CudaDevices(List.of(), "there is no NVIDIA driver (libcuda.so.1)");
        }
    }

    private static CudaDevices listed(SymbolLookup driver, Arena arena) {
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        int status = call(driver, "cuInit", 0);
        if (status == 0) {
            status = call(driver, "cuDeviceGetCount", number);
        }
        if (status != 0) {
            return new CudaDevices(List.of(), "the NVIDIA driver does not start (CUDA error " + status + ")");
        }
        int count = number.get(ValueLayout.JAVA_INT, 0);
        List<Device> devices = new ArrayList<>();
        MemorySegment name = arena.allocate(256);
        for (int i = 0; i < count; i++) {
            call(driver, "cuDeviceGet", number, i);
            int device = number.get(ValueLayout.JAVA_INT, 0);
            call(driver, "cuDeviceGetName", name, 256, device);
            call(driver, "cuDeviceGetAttribute", number, MAJOR, device);
            int major = number.get(ValueLayout.JAVA_INT, 0);
            call(driver, "cuDeviceGetAttribute", number, MINOR, device);
            devices.add(new Device(name.getString(0), major, number.get(ValueLayout.JAVA_INT, 0)));
        }
        return new CudaDevices(devices, "");
    }

    /** Calls a function of ints and pointers that returns a status. */
    private static int call(SymbolLookup driver, String function, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = arguments[i] instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS;
        }
        try {
            return (int) Linker.nativeLinker().downcallHandle(driver.findOrThrow(function),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts)).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " of the NVIDIA driver can't be called", e);
        }
    }
}
