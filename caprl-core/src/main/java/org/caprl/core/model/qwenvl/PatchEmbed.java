package org.caprl.core.model.qwenvl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.nn.Linear;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.Tensor;

/** A convolution whose kernel is as large as its stride: one product over flattened patches ({@code visual.patch_embed.proj}). */
public final class PatchEmbed {
    private final Linear linear;

    /** The embedding {@code name} of patches of this shape. */
    public PatchEmbed(VisionShape shape, String name, boolean bias, Params params) {
        Var kernel = params.weight(name + ".weight", shape.hidden(), shape.channels(), shape.temporalPatch(), shape.patch(), shape.patch());
        this.linear = new Linear(kernel.reshape(shape.hidden(), shape.patchValues()),
                bias ? params.weight(name + ".bias", shape.hidden()) : null);
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
