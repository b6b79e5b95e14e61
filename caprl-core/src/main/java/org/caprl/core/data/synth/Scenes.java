package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.random.CounterRandom;

/** An endless list of random scenes of one {@link Split}: a function of seed and index. */
final class Scenes {
    private static final double CHARTS = 0.25;
    private static final long PURPOSE = CounterRandom.hash("synthetic scene");

    private Scenes() {
    }

    /** The scene; how many things it has is drawn first, and uniformly, so that a count can't be guessed. */
    static Scene scene(Split split, long seed, long index) {
        Draw draw = new Draw(CounterRandom.key(seed, PURPOSE, split.ordinal(), index));
        boolean chart = draw.chance(CHARTS);
        int count = chart ? draw.between(3, 4) : draw.between(1, ObjectScene.MAX_OBJECTS);
        while (true) {
            Scene scene = chart ? chart(count, draw) : objects(count, draw);
            if (Split.of(scene) == split) {
                return scene;
            }
        }
    }

    private static Scene objects(int count, Draw draw) {
        List<Shape> shapes = draw.sample(Arrays.asList(Shape.values()), count);
        List<Colour> colours = draw.sample(Arrays.asList(Colour.values()), count);
        List<Place> places = draw.sample(Arrays.asList(Place.values()), count);
        List<ObjectScene.SceneObject> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectSize size = draw.pick(Arrays.asList(ObjectSize.values()));
            objects.add(new ObjectScene.SceneObject(shapes.get(i), colours.get(i), size, places.get(i)));
        }
        return new ObjectScene(objects);
    }

    private static Scene chart(int count, Draw draw) {
        List<String> labels = draw.sample(ChartScene.LABELS, count);
        List<String> values = draw.sample(Attributes.values("value"), count);
        List<ChartScene.Bar> bars = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bars.add(new ChartScene.Bar(labels.get(i), Integer.parseInt(values.get(i))));
        }
        return new ChartScene(bars);
    }
}
