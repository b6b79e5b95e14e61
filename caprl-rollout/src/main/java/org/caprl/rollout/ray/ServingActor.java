package org.caprl.rollout.ray;

import io.ray.api.Ray;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;

/**
 * What all actors have: signs of life, and one thread that does the work, since models and backends are of one thread. Calls arrive on
 * others, so that a sign of life does not wait for the work.
 */
public abstract class ServingActor {
    /** Threads for calls: one that waits for work, one for signs of life. */
    static final int CALLS_AT_ONCE = 2;

    private final ExecutorService worker = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "actor's work");
        thread.setDaemon(true);
        // Backends are found by ServiceLoader: it looks where our classes are, which is not where Ray's are.
        thread.setContextClassLoader(ServingActor.class.getClassLoader());
        return thread;
    });

    /**
     * Where an actor runs.
     *
     * @param node address
     * @param nodeId Ray's, hexadecimal
     * @param pid process
     * @param java version
     */
    public record Place(String node, String nodeId, long pid, String java) {
        static Place of(byte[] message) {
            MessageReader reader = new MessageReader(message, MessageKind.ACTOR);
            Place place = new Place(reader.text(), reader.text(), reader.number(), reader.text());
            reader.end();
            return place;
        }
    }

    /** Runs on the thread that works, and waits for it. */
    protected final byte[] onWorker(Callable<byte[]> work) {
        return Outcome.of(() -> {
            try {
                return worker.submit(work).get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        });
    }

    /** Runs on the thread that works, some time. */
    protected final void later(Runnable work) {
        worker.execute(work);
    }

    /** A sign of life: where the actor runs. */
    public byte[] place() {
        return Outcome.of(() -> {
            String id = Ray.getRuntimeContext().getCurrentNodeId().toString();
            String address = RayNode.of(Ray.getRuntimeContext().getAllNodeInfo()).stream().filter(n -> n.id().equals(id))
                    .map(RayNode::address).findFirst().orElse("unknown");
            return new MessageWriter(MessageKind.ACTOR).put(address).put(id).put(ProcessHandle.current().pid())
                    .put(System.getProperty("java.version")).bytes();
        });
    }

    /** Nothing; that it answers is what counts. */
    public boolean alive() {
        return true;
    }

    /** Shows the GPUs that Ray gave to this actor to CUDA, which Ray does not do for Java; before a backend starts. */
    protected static void showGpus() {
        List<Long> gpus = Ray.getRuntimeContext().getGpuIds();
        if (!gpus.isEmpty()) {
            Environment.set("CUDA_VISIBLE_DEVICES", gpus.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
    }
}
