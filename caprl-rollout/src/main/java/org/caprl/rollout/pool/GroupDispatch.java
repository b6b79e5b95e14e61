package org.caprl.rollout.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who writes which groups of one call. Not for several threads at once.
 *
 * <p>Where all groups have room at once, each place gets its share as one batch, balanced by expected cost. Otherwise places take chunks as
 * they become free, large ones first and ever smaller ones, never fewer than fill their rows. Groups of a place that is lost go to whoever
 * is free. At the end a free place also takes groups that another still has in hand; whoever is first counts.
 */
final class GroupDispatch {
    private final int places;
    private final int rows;
    private final int[] captions;
    private final boolean atOnce;
    private final List<List<Integer>> shares = new ArrayList<>();
    private final Deque<Integer> queue = new ArrayDeque<>();
    private final BitSet[] held;
    private final BitSet done = new BitSet();
    /** Groups that two places have been given. */
    private final BitSet doubled = new BitSet();

    /**
     * A call.
     *
     * @param captions of each group
     * @param costs expected, of each group; only their proportions count
     * @param rows captions that a place writes at once
     */
    GroupDispatch(int[] captions, double[] costs, int places, int rows) {
        this.places = places;
        this.rows = rows;
        this.captions = captions;
        this.held = IntStream.range(0, places).mapToObj(p -> new BitSet()).toArray(BitSet[]::new);
        List<Integer> longestFirst = new ArrayList<>(IntStream.range(0, captions.length).boxed().toList());
        longestFirst.sort(Comparator.comparingDouble((Integer g) -> -costs[g]));
        this.atOnce = share(longestFirst, costs);
        if (!atOnce) {
            shares.clear();
            queue.addAll(longestFirst);
        }
    }

    /** Longest first, each to the place with the least so far; false if one would have more than it writes at once. */
    private boolean share(List<Integer> longestFirst, double[] costs) {
        double[] load = new double[places];
        int[] taken = new int[places];
        IntStream.range(0, places).forEach(p -> shares.add(new ArrayList<>()));
        for (int group : longestFirst) {
            int least = -1;
            for (int p = 0; p < places; p++) {
                if (taken[p] + captions[group] <= rows && (least < 0 || load[p] < load[least])) {
                    least = p;
                }
            }
            if (least < 0) {
                return false;
            }
            load[least] += costs[group];
            taken[least] += captions[group];
            shares.get(least).add(group);
        }
        // In the order of the requests, as one engine would write them.
        shares.forEach(share -> share.sort(Comparator.naturalOrder()));
        return true;
    }

    /** Whether every place got all that it writes in one batch. */
    boolean atOnce() {
        return atOnce;
    }

    /** What a place that has nothing in hand is to write now; nothing if all is given out. */
    List<Integer> take(int place) {
        List<Integer> taken = new ArrayList<>();
        if (place < shares.size()) {
            taken.addAll(shares.set(place, List.of()));
        }
        if (taken.isEmpty()) {
            int most = Math.ceilDiv(queue.size(), 2 * places);
            int filled = 0;
            while (!queue.isEmpty() && (taken.size() < most || filled + captions[queue.peek()] <= rows)) {
                int group = queue.poll();
                filled += captions[group];
                taken.add(group);
            }
        }
        taken.removeIf(done::get);
        taken.forEach(held[place]::set);
        return taken;
    }

    /** Half of the groups that the place with the most of them still has in hand, and nobody else; nothing if there are none. */
    List<Integer> takeOver(int place) {
        int[] most = {};
        for (int p = 0; p < places; p++) {
            if (p != place) {
                int[] alone = held[p].stream().filter(g -> !doubled.get(g)).toArray();
                most = alone.length > most.length ? alone : most;
            }
        }
        List<Integer> taken = Arrays.stream(most).skip(most.length / 2).boxed().toList();
        taken.forEach(g -> {
            doubled.set(g);
            held[place].set(g);
        });
        return taken;
    }

    /** Takes a complete group; false if it is not the first of its number. */
    boolean deliver(int place, int group) {
        boolean first = !done.get(group);
        done.set(group);
        held[place].clear(group);
        return first;
    }

    /** Groups that a place has in hand in vain: another was first. They are out of its hands with this. */
    int[] takeVain(int place) {
        BitSet vain = (BitSet) held[place].clone();
        vain.and(done);
        held[place].andNot(done);
        return vain.stream().toArray();
    }

    /** A place lost all that it had, and its share if it had not begun. */
    void lost(int place) {
        if (place < shares.size()) {
            shares.set(place, List.of()).forEach(held[place]::set);
        }
        held[place].stream().filter(g -> !done.get(g)).forEach(g -> {
            if (IntStream.range(0, places).noneMatch(p -> p != place && held[p].get(g))) {
                queue.addFirst(g);
            }
            doubled.clear(g);
        });
        held[place].clear();
    }

    /** Whether a group is complete. */
    boolean isDone(int group) {
        return done.get(group);
    }

    /** Whether all are. */
    boolean complete() {
        return done.cardinality() == captions.length;
    }
}
