package org.caprl.core.kernels.nd4j;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** ND4J itself, of which a process has one. */
final class Nd4jRuntime {
    private static boolean started;

    private Nd4jRuntime() {
    }

    /**
     * Loads ND4J and its native libraries, once.
     *
     * @throws LinkageError or a RuntimeException when they can't be loaded
     */
    static synchronized void start() {
        if (started) {
            return;
        }
        // Memory has owners here, so neither JavaCPP's limits, which follow the Java heap, nor calls of the garbage collector are wanted.
        setIfAbsent("org.bytedeco.javacpp.maxbytes", "0");
        setIfAbsent("org.bytedeco.javacpp.maxphysicalbytes", "0");
        setIfAbsent("org.nd4j.log.initialization", "false");
        Nd4j.getMemoryManager().togglePeriodicGc(false);
        Nd4j.getAffinityManager().unsafeSetDevice(0);
        started = true;
    }

    private static void setIfAbsent(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** Threads of ND4J's kernels and of its BLAS, for the whole process. */
    static void useThreads(int threads) {
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
        Nd4j.factory().blas().setMaxThreads(threads);
    }

    /** What was loaded, for one line. */
    static String description() {
        start();
        String blas = String.valueOf(Nd4j.getExecutioner().getEnvironmentInformation().get("blas.vendor"));
        return "ND4J on " + Nd4j.getBackend().getClass().getSimpleName() + " (" + blas + ")";
    }

    /** Frees the calling thread's workspace of that name. */
    static void forget(String workspace) {
        if (Nd4j.getWorkspaceManager().checkIfWorkspaceExists(workspace)) {
            MemoryWorkspace scratch = Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(workspace);
            Nd4j.getWorkspaceManager().destroyWorkspace(scratch);
        }
    }
}
