package org.caprl.core.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.caprl.core.InputException;

/** Finds the backends on the class path and picks one. */
public final class Backends {
    private Backends() {
    }

    /**
     * A started backend and why it was taken.
     *
     * @param ops the backend, checked by {@link CheckedOps}
     * @param reason one line for the log
     */
    public record Choice(TensorOps ops, String reason) {
    }

    /** All providers, the preferred first. */
    public static List<BackendProvider> providers() {
        List<BackendProvider> all = new ArrayList<>();
        ServiceLoader.load(BackendProvider.class).forEach(all::add);
        all.sort(Comparator.comparingInt(BackendProvider::preference).reversed().thenComparing(BackendProvider::name));
        return all;
    }

    /**
     * Starts a backend.
     *
     * @param name {@code auto} for the fastest that works here, or a provider's name
     * @param threads threads that it may use; 0 for all processors
     * @throws InputException for an unknown name, or a named backend that can't start
     */
    public static Choice open(String name, int threads) {
        int n = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        List<String> refusals = new ArrayList<>();
        for (BackendProvider provider : providers()) {
            boolean named = provider.name().equals(name);
            if (!named && !(name.equals("auto") && provider.preference() >= 0)) {
                continue;
            }
            BackendProvider.Availability found = provider.probe();
            if (found.works()) {
                String why = named ? "asked for by name; " : refusals.isEmpty() ? "the fastest here; " : String.join("; ", refusals) + "; ";
                return new Choice(new CheckedOps(provider.create(n)), "backend " + provider.name() + ": " + why + found.reason());
            }
            if (named) {
                throw new InputException("backend '" + name + "' can't start: " + found.reason() + ". " + found.cure());
            }
            refusals.add(provider.name() + " can't start (" + found.reason() + ")");
        }
        if (name.equals("auto")) {
            throw new InputException("no backend works on this machine: " + String.join("; ", refusals)
                    + ". Run `caprl doctor` for cures, or ask for `backend=reference` (slow).");
        }
        throw new InputException("unknown backend '" + name + "'; there are: auto, "
                + String.join(", ", providers().stream().map(BackendProvider::name).toList()));
    }
}
