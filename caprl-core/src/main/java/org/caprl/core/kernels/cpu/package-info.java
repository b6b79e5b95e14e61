/**
 * The default backend: oneDNN for large matrix products, the Vector API over native memory for everything else, on one team of threads.
 *
 * <p>Nobody imports this package; {@link org.caprl.core.tensor.Backends} finds {@link org.caprl.core.kernels.cpu.CpuProvider}. Kernels work
 * on addresses that {@link org.caprl.core.tensor.CheckedOps} has checked, in orders of summation that do not depend on the number of rows
 * or of threads.
 */
package org.caprl.core.kernels.cpu;
