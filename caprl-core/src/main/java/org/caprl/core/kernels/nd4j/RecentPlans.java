package org.caprl.core.kernels.nd4j;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import org.caprl.core.tensor.AttentionPlan;

/** The groups of the plans used last, found by content: the layers of a pass share a plan, and plans are filled anew in place. */
final class RecentPlans implements AutoCloseable {
    private static final int KEPT = 4;

    private final Nd4jMemory memory;
    private final Deque<Entry> recent = new ArrayDeque<>();

    private record Entry(int[] content, PlanGroups groups) {
    }

    RecentPlans(Nd4jMemory memory) {
        this.memory = memory;
    }

    PlanGroups of(AttentionPlan plan, int heads) {
        int[] content = content(plan, heads);
        for (Iterator<Entry> entries = recent.iterator(); entries.hasNext();) {
            Entry entry = entries.next();
            if (Arrays.equals(entry.content, content)) {
                entries.remove();
                recent.addFirst(entry);
                return entry.groups;
            }
        }
        if (recent.size() == KEPT) {
            recent.removeLast().groups.close();
        }
        Entry entry = new Entry(content, new PlanGroups(plan, heads, memory));
        recent.addFirst(entry);
        return entry.groups;
    }

    private static int[] content(AttentionPlan plan, int heads) {
        int segments = plan.segments();
        int ranges = segments == 0 ? 0 : plan.firstRange(segments);
        int[] content = new int[2 + 4 * segments + 2 * ranges];
        int at = 0;
        content[at++] = heads;
        content[at++] = segments;
        for (int s = 0; s < segments; s++) {
            content[at++] = plan.queryStart(s);
            content[at++] = plan.queryEnd(s);
            content[at++] = plan.firstRange(s);
            content[at++] = plan.isCausal(s) ? 1 : 0;
        }
        for (int r = 0; r < ranges; r++) {
            content[at++] = plan.keyStart(r);
            content[at++] = plan.keyEnd(r);
        }
        return content;
    }

    @Override
    public void close() {
        recent.forEach(entry -> entry.groups.close());
        recent.clear();
    }
}
