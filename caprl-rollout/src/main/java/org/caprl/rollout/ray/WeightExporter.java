package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import org.caprl.rollout.weights.WeightSet;

/** Where the weights that captions are to be written with come from: the trainer. */
public interface WeightExporter {
    /** The trainer's weights as they are now, under this version; their bytes lie in the object store. */
    WeightSet<ObjectRef<byte[]>> export(long version);

    /** What to throw when weights that were exported can't be read any more. */
    RuntimeException gone(ObjectsLostException cause);
}
