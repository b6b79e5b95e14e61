package org.caprl.trainer.bench;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Repetitions after a warm-up.
 *
 * @param warmups repetitions that were not counted
 * @param seconds wall time of each repetition
 * @param cpuSeconds processor time of the process, mean of a repetition, over all its threads
 * @param allocatedBytes on the Java heap, mean of a repetition, over all threads
 * @param gcSeconds garbage collections, mean of a repetition
 */
public record RepeatedTimes(int warmups, double[] seconds, double cpuSeconds, long allocatedBytes, double gcSeconds) {
    /** Median wall time. */
    public double median() {
        return median(seconds);
    }

    /** Shortest wall time. */
    public double least() {
        return Arrays.stream(seconds).min().orElse(Double.NaN);
    }

    /** Longest wall time. */
    public double most() {
        return Arrays.stream(seconds).max().orElse(Double.NaN);
    }

    /** The middle value, or the mean of the two in the middle; NaN of none. */
    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    /** Warms up, then repeats. */
    static RepeatedTimes of(CaseRun run, Bench.Repetitions rules) {
        int warmups = 0;
        long begin = System.nanoTime();
        while (warmups < rules.leastWarmups() || secondsSince(begin) < rules.warmupSeconds()) {
            run.run();
            warmups++;
        }
        run.figures();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        var process = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        List<Double> seconds = new ArrayList<>();
        long allocated = threads.getTotalThreadAllocatedBytes();
        long collecting = collectionMillis();
        long cpu = process.getProcessCpuTime();
        begin = System.nanoTime();
        while (seconds.size() < rules.repeats() || secondsSince(begin) < rules.measuredSeconds()) {
            long before = System.nanoTime();
            run.run();
            seconds.add(secondsSince(before));
        }
        int n = seconds.size();
        return new RepeatedTimes(warmups, seconds.stream().mapToDouble(Double::doubleValue).toArray(),
                (process.getProcessCpuTime() - cpu) / 1e9 / n, (threads.getTotalThreadAllocatedBytes() - allocated) / n,
                (collectionMillis() - collecting) / 1e3 / n);
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private static long collectionMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
    }
}
