package org.caprl.core.kernels.nd4j;

import org.caprl.core.InputException;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.TensorOps;

/** Offers {@link Nd4jOps}. This class names no class of ND4J, so that finding it loads nothing. */
public final class Nd4jProvider implements BackendProvider {
    @Override
    public String name() {
        return "nd4j";
    }

    /** Below {@code cpu}: {@code auto} takes it only where {@code cpu} can't start. */
    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Availability probe() {
        if (!present("org/nd4j/linalg/factory/Nd4j.class")) {
            return new Availability(false, "ND4J is not on the class path", "Build with the POMs' dependencies, as ./caprl does.");
        }
        String on = "";
        if (present("org/nd4j/linalg/jcublas/JCublasBackend.class")) {
            CudaDevices found = CudaDevices.ofThisMachine();
            if (found.refusal().isPresent()) {
                return found.refusal().get();
            }
            on = ", " + found.devices().getFirst();
        }
        try {
            return new Availability(true, Nd4jRuntime.description() + on, "");
        } catch (LinkageError | RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return new Availability(false, "ND4J did not load: " + cause, "nd4j-native comes for Linux on x86-64 with glibc, nd4j-cuda for "
                    + "CUDA 11.6 with cuDNN 8.3; the folder of unpacked libraries, ~/.javacpp or -Dorg.bytedeco.javacpp.cachedir=DIR, must "
                    + "be writable and not mounted noexec.");
        }
    }

    private static boolean present(String resource) {
        return Nd4jProvider.class.getClassLoader().getResource(resource) != null;
    }

    @Override
    public TensorOps create(int threads) {
        Availability found = probe();
        if (!found.works()) {
            throw new InputException("backend 'nd4j' can't start: " + found.reason() + ". " + found.cure());
        }
        return new Nd4jOps(threads);
    }
}
