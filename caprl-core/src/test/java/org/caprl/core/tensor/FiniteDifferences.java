package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Gradients against central differences. At h = 1e-2, float32 rounding of y gives about 1e-5 and the third derivative about 1e-4. */
public final class FiniteDifferences {
    private static final float H = 1e-2f;
    private static final double TOLERANCE = 2e-3;

    private FiniteDifferences() {
    }

    /** What is differentiated. */
    public interface Loss {
        /** Its value at the inputs as they are. */
        double value();
    }

    /** Σ a·b in double. */
    public static double dot(Tensor a, Tensor b) {
        float[] as = a.toFloats();
        float[] bs = b.toFloats();
        double sum = 0;
        for (int i = 0; i < as.length; i++) {
            sum += (double) as[i] * bs[i];
        }
        return sum;
    }

    /** @param before what the gradient tensor held: 1 where backward adds to it, 0 where it overwrites */
    public static void check(String name, Tensor input, Tensor gradient, double before, Loss loss) {
        float[] elements = input.toFloats();
        float[] found = gradient.toFloats();
        for (int i = 0; i < elements.length; i++) {
            float x = elements[i];
            float above = x + H;
            float below = x - H;
            elements[i] = above;
            input.write(elements, elements.length);
            double up = loss.value();
            elements[i] = below;
            input.write(elements, elements.length);
            double down = loss.value();
            elements[i] = x;
            double expected = (up - down) / ((double) above - below) + before;
            assertEquals(expected, found[i], TOLERANCE * (1 + Math.abs(expected)), name + " at " + i);
        }
        input.write(elements, elements.length);
    }
}
