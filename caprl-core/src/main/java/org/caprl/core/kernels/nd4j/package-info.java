/**
 * The waist on ND4J arrays: for processors through nd4j-native, for NVIDIA GPUs through nd4j-cuda, with one code.
 *
 * <p>{@link org.caprl.core.kernels.nd4j.Nd4jProvider} is found by the service loader and loads ND4J only when the backend is asked for.
 * Elements are treated as if they were on a device everywhere: nothing here reads or writes them one by one, and what crosses to the host
 * is counted. Results of an operation lie in blocks of {@link org.caprl.core.kernels.nd4j.Nd4jMemory}, intermediate ones in an ND4J
 * workspace that the operation leaves empty.
 */
package org.caprl.core.kernels.nd4j;
