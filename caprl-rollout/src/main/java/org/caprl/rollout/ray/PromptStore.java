package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.model.Prompt;
import org.caprl.rollout.message.RolloutMessages;

/**
 * Prompts in the object store, each put once: caption actors, the trainer and whoever takes over for one that was lost read the same bytes.
 * Those used last are kept, up to a size.
 */
public final class PromptStore {
    private final long mostBytes;
    private final Map<Identity, Stored> stored = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    private record Identity(Prompt prompt) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Identity(Prompt p) && p == prompt;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(prompt);
        }
    }

    private record Stored(ObjectRef<byte[]> ref, int bytes) {
    }

    /** @param mostBytes that are kept; calls that are under way keep theirs beside */
    public PromptStore(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Prompts that were put by another process. All at once: one by one, each would be asked for at the driver. */
    public static List<Prompt> fetch(List<ObjectRef<byte[]>> refs) {
        return Ray.get(refs).stream().map(RolloutMessages::prompt).toList();
    }

    /** Where the prompt's bytes are. */
    public synchronized ObjectRef<byte[]> ref(Prompt prompt) {
        Stored found = stored.get(new Identity(prompt));
        if (found == null) {
            byte[] message = RolloutMessages.prompt(prompt);
            found = new Stored(Ray.put(message), message.length);
            stored.put(new Identity(prompt), found);
            bytes += message.length;
            var oldest = stored.values().iterator();
            while (bytes > mostBytes && stored.size() > 1) {
                bytes -= oldest.next().bytes();
                oldest.remove();
            }
        }
        return found.ref();
    }
}
