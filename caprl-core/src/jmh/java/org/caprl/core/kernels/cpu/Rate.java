package org.caprl.core.kernels.cpu;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a benchmark does a second, beside how often it runs. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Rate {
    /** 10⁹ multiplications and additions. */
    public double gflops;
    /** 10⁹ bytes read and written. */
    public double gbytes;
}
