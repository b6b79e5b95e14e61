package org.caprl.trainer.launch;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C and SIGTERM: the first asks the run to end in order, the second ends the process at once.
 *
 * <p>A shutdown hook would not do: the JVM ends when hooks return, whatever the run is about, and a hook hears of one signal only. {@code
 * sun.misc.Signal} of {@code jdk.unsupported} is what the JDK has for the rest.
 */
final class StopSignal implements AutoCloseable {
    private static final List<String> NAMES = List.of("INT", "TERM");

    private final PrintStream err;
    private final AtomicReference<Signal> first = new AtomicReference<>();
    private final Map<Signal, SignalHandler> before = new HashMap<>();

    /** @param err says what a signal does */
    StopSignal(PrintStream err) {
        this.err = err;
    }

    /** From now on signals are heard, until this is closed. One that the process was started to ignore, as under nohup, stays ignored. */
    void listen() {
        for (String name : NAMES) {
            Signal signal = new Signal(name);
            try {
                before.put(signal, Signal.handle(signal, this::heard));
            } catch (IllegalArgumentException e) {
                err.println("caprl: SIG" + name + " is not heard (" + e.getMessage() + "): it does what the JVM was started to do with it");
            }
        }
    }

    /** What a signal does. */
    void heard(Signal signal) {
        if (!first.compareAndSet(null, signal)) {
            err.println("caprl: SIG" + signal.getName() + ", again: ended at once; the run goes on from its newest checkpoint");
            err.flush();
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
        err.println("caprl: SIG" + signal.getName() + ": captions of a step are dropped, an update is finished, then the last step is "
                + "saved; once more to end at once");
    }

    /** Whether the run is to end. */
    boolean heard() {
        return first.get() != null;
    }

    /** How the process ends after the first signal. @param state of the run on disk */
    StoppedBySignalException stopped(String state) {
        Signal signal = first.get();
        return new StoppedBySignalException(signal.getNumber(), "stopped by SIG" + signal.getName() + "; " + state);
    }

    @Override
    public void close() {
        before.forEach(Signal::handle);
        before.clear();
    }
}
