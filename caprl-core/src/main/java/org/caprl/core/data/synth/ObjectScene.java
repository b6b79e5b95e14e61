package org.caprl.core.data.synth;

import java.util.Comparator;
import java.util.List;
import org.caprl.core.data.Fact;

/**
 * One to four objects on the 3 x 3 grid. Shapes, colours and places are all different, so that a question about one has one answer.
 *
 * @param objects in reading order of their places
 */
public record ObjectScene(List<SceneObject> objects) implements Scene {
    /** The most objects in a scene. */
    public static final int MAX_OBJECTS = 4;
    /** Subject of the fact that counts the objects. */
    public static final String COUNTED = "objects";

    /** One object. */
    public record SceneObject(Shape shape, Colour colour, ObjectSize size, Place place) {
    }

    /** @throws IllegalArgumentException if two objects share shape, colour or place */
    public ObjectScene {
        objects = objects.stream().sorted(Comparator.comparing(SceneObject::place)).toList();
        int n = objects.size();
        if (n < 1 || n > MAX_OBJECTS || objects.stream().map(SceneObject::shape).distinct().count() < n
                || objects.stream().map(SceneObject::colour).distinct().count() < n
                || objects.stream().map(SceneObject::place).distinct().count() < n) {
            throw new IllegalArgumentException("a scene has 1 to 4 objects of different shape, colour and place, got " + objects);
        }
    }

    @Override
    public List<List<Fact>> mentions() {
        return objects.stream().map(object -> List.of(
                new Fact(object.shape().word(), "size", object.size().word()),
                new Fact(object.shape().word(), "colour", object.colour().word()),
                new Fact(object.shape().word(), "place", object.place().word()))).toList();
    }

    @Override
    public List<Fact> closing() {
        return List.of(new Fact(COUNTED, "count", String.valueOf(objects.size())));
    }

    @Override
    public String dataSource() {
        return "shapes";
    }
}
