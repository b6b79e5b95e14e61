/**
 * The waist in plain loops with double accumulators, on one thread: what every operation means.
 *
 * <p>For tests, which compare every other backend with it, and for readers. It is slow; {@code backend=reference} asks for it by name.
 */
package org.caprl.core.kernels.reference;
