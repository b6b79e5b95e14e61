package org.caprl.core.kernels.cpu;

import org.caprl.core.InputException;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.TensorOps;

/** Offers {@link CpuOps}, the default. */
public final class CpuProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int preference() {
        return 100;
    }

    @Override
    public Availability probe() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new Availability(false, "the JVM was started without the module jdk.incubator.vector",
                    "Start it with --add-modules jdk.incubator.vector, as ./caprl does.");
        }
        try {
            String kernels = "oneDNN " + Dnnl.version() + " (" + InstructionSets.name(Dnnl.effectiveIsa()) + ") and "
                    + Lanes.S.vectorBitSize() + "-bit vectors";
            ProductSelfTest.Result products = ProductSelfTest.result();
            if (!products.right()) {
                return new Availability(false, kernels + " multiply matrices wrongly on this processor, as a test at the start found",
                        "Take backend=nd4j, and report the processor's name, which `caprl doctor` prints.");
            }
            return new Availability(true, products.sameBits() ? kernels : kernels + "; on this processor the last bits of a product depend "
                    + "on the number of rows, so logprob_gap is about 1e-6 where it is 0 elsewhere", "");
        } catch (LinkageError | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Availability(false, "oneDNN did not load: " + cause.getMessage(),
                    "oneDNN comes for Linux on x86-64 with glibc; the folder of unpacked libraries, ~/.javacpp or "
                            + "-Dorg.bytedeco.javacpp.cachedir=DIR, must be writable and not mounted noexec.");
        }
    }

    @Override
    public TensorOps create(int threads) {
        Availability found = probe();
        if (!found.works()) {
            throw new InputException("backend 'cpu' can't start: " + found.reason() + ". " + found.cure());
        }
        return new CpuOps(threads);
    }
}
