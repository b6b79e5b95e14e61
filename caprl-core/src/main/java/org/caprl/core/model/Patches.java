package org.caprl.core.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.caprl.core.autograd.Pass;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.tensor.Tensor;

/** The patches of images as a vision tower takes them. */
public final class Patches {
    private Patches() {
    }

    /** Patches of all images, one after the other, [P, patchValues]. */
    public static Var of(Pass pass, List<ImageInput> images, int patchValues) {
        int patches = images.stream().mapToInt(ImageInput::patches).sum();
        Tensor all = pass.scope().floats(patches, patchValues);
        all.write(elements -> {
            long at = 0;
            for (ImageInput image : images) {
                MemorySegment.copy(image.pixels(), 0, elements, ValueLayout.JAVA_FLOAT, at, image.pixels().length);
                at += (long) image.pixels().length * Float.BYTES;
            }
        });
        return Var.constant(all);
    }
}
