package org.caprl.core.data.synth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneImageTest {
    private static final long PINNED = 3213793565L;

    @Test
    void thePixelsAreTheSameEverywhere() {
        CRC32 crc = new CRC32();
        for (int i = 0; i < 50; i++) {
            crc.update(SceneImage.rgb(Scenes.scene(Split.TRAIN, 3, i), i));
        }
        assertEquals(PINNED, crc.getValue());
    }

    /** Every shape, colour, size and place: its colour covers the middle of its part of the cell and nothing outside of the cell. */
    @Test
    void anObjectFillsItsCellOnly() {
        for (Place place : Place.values()) {
            for (Shape shape : Shape.values()) {
                for (ObjectSize size : ObjectSize.values()) {
                    Colour colour = Colour.values()[(place.ordinal() + shape.ordinal()) % Colour.values().length];
                    ObjectScene scene = new ObjectScene(List.of(new ObjectScene.SceneObject(shape, colour, size, place)));
                    byte[] rgb = SceneImage.rgb(scene, place.ordinal());
                    int inside = 0;
                    int outside = 0;
                    for (int i = 0; i < SceneImage.SIDE * SceneImage.SIDE; i++) {
                        boolean match = (rgb[3 * i] & 255) == colour.rgb() >> 16 && (rgb[3 * i + 1] & 255) == (colour.rgb() >> 8 & 255)
                                && (rgb[3 * i + 2] & 255) == (colour.rgb() & 255);
                        boolean cell = i % SceneImage.SIDE / 28 == place.column() && i / SceneImage.SIDE / 28 == place.row();
                        inside += match && cell ? 1 : 0;
                        outside += match && !cell ? 1 : 0;
                    }
                    assertEquals(0, outside);
                    assertTrue(size == ObjectSize.LARGE ? inside > 100 : inside > 20 && inside < 150, scene + ": " + inside + " pixels");
                }
            }
        }
    }

    @Test
    void theKeyChangesTheDrawingAndThePngHoldsThePixels(@TempDir Path folder) throws IOException {
        byte[] rgb = SceneImage.rgb(CaptionTest.CHART, 1);
        assertTrue(!Arrays.equals(rgb, SceneImage.rgb(CaptionTest.CHART, 2)));
        SceneImage.writePng(rgb, folder.resolve("a.png"));
        BufferedImage image = ImageIO.read(folder.resolve("a.png").toFile());
        byte[] read = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            read[i] = (byte) (image.getRGB(i / 3 % SceneImage.SIDE, i / 3 / SceneImage.SIDE) >> (16 - 8 * (i % 3)));
        }
        assertArrayEquals(rgb, read);
    }
}
