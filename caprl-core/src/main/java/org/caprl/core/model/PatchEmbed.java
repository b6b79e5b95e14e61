package org.caprl.core.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.nn.Linear;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/** A convolution whose kernel is as large as its stride: one product over flattened patches . */
public final class PatchEmbed {
    private final Linear linear;

    /**
     * The convolution {@code name}.
     *
     * @param hidden width of the result
     * @param patch  shape of a patch: channels, frames where the family has them, height, width
     */
    public PatchEmbed(Params params, String name, boolean bias, int hidden, int... patch) {
        int values = Arrays.stream(patch).reduce(1, Math::multiplyExact);
        Var kernel = params.weight(name + ".weight", IntStream.concat(IntStream.of(hidden), Arrays.stream(patch)).toArray());
        this.linear = new Linear(kernel.reshape(hidden, values), bias ? params.weight(name + ".bias", hidden) : null);
    }

    /** Patches of all images → [P, hidden]. */
    public Var forward(Pass pass, List<ImageInput> images) {
        int patches = images.stream().mapToInt(ImageInput::patches).sum();
        Tensor all = pass.scope().floats(patches, linear.weight().value().columns());
        all.write(elements -> {
            long at = 0;
            for (ImageInput image : images) {
                MemorySegment.copy(image.pixels(), 0, elements, ValueLayout.JAVA_FLOAT, at, image.pixels().length);
                at += (long) image.pixels().length * Float.BYTES;
            }
        });
        return linear.forward(pass, Var.constant(all));
    }
}
