package org.caprl.core.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.caprl.core.Golden;
import org.caprl.core.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no image, half an image, or an image outside the limits. */
class BadImageTest {
    @ParameterizedTest
    @ValueSource(strings = {"chart.png", "palette.png", "gray16.png", "rgba.png", "exif_rot.jpg", "exif_flip.jpg"})
    void cutOffAnywhereIsAnError(String image) throws IOException {
        byte[] bytes = Files.readAllBytes(Golden.require("images/" + image));
        for (int percent : new int[] {0, 1, 5, 25, 50, 75, 95}) {
            byte[] part = Arrays.copyOf(bytes, bytes.length * percent / 100);
            String message = fault(part, image);
            assertTrue(message.startsWith(image + ": "), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "bmp"})
    void damagedBytesNeverEscapeAsAnotherException(String format) throws IOException {
        byte[] bytes = encoded(40, 30, format);
        for (int i = 0; i < bytes.length; i += 3) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= (byte) 0xff;
            try {
                ImageFile.decode(damaged, "damaged", true);
            } catch (InputException e) {
                assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
            }
        }
    }

    @Test
    void aTextFileIsNotAnImage() {
        String message = fault("<html>404</html>".getBytes(StandardCharsets.UTF_8), "page.png");
        assertEquals("page.png: not an image (16 bytes); PNG, JPEG, WebP, GIF and BMP are read", message);
    }

    @Test
    void aMissingFileIsNamed() {
        String message = assertThrows(InputException.class, () -> ImageFile.decode(Path.of("no", "such.png"), true)).getMessage();
        assertTrue(message.startsWith(Path.of("no", "such.png") + ": there is no such image file"), message);
    }

    @Test
    void onePixelIsTooSmallForDataButNotForTheProcessor() throws IOException {
        byte[] pixel = encoded(1, 1, "png");
        assertEquals("dot.png: the image is 1x1 pixels, the smallest side allowed is 2; use a larger image or remove the row",
                fault(pixel, "dot.png"));
        assertEquals(1, ImageFile.decode(pixel, "dot.png", false, ImageLimits.PROCESSOR).width());
    }

    @Test
    void aStripIsTooNarrow() throws IOException {
        String message = fault(encoded(20_000, 20, "png"), "strip.png");
        assertEquals("strip.png: the image is 20000x20 pixels, the longer side may be at most 200 times the shorter one;"
                + " crop or split it, or remove the row", message);
        assertEquals(4000, ImageFile.decode(encoded(4000, 20, "png"), "strip.png", false).width());
    }

    @Test
    void manyPixelsAreRefusedFromTheHeaderAlone() throws IOException {
        byte[] png = encoded(8, 8, "png");
        // Width and height of the header chunk, big-endian, become 60000; its checksum is not looked at before the size.
        for (int at : new int[] {16, 20}) {
            png[at + 2] = (byte) (60_000 >> 8);
            png[at + 3] = (byte) 60_000;
        }
        String message = fault(png, "huge.png");
        assertEquals("huge.png: the image is 60000x60000 = 3600000000 pixels, at most 100000000 are allowed; scale it down", message);
    }

    private static String fault(byte[] bytes, String name) {
        return assertThrows(InputException.class, () -> ImageFile.decode(bytes, name, true)).getMessage();
    }

    private static byte[] encoded(int width, int height, String format) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, 0x010307 * (x + 3 * y));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, out));
        return out.toByteArray();
    }
}
