package org.caprl.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.color.ColorSpace;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pixel layouts that the golden images do not have. */
class ImageFormatTest {
    /** 2x2, lossless: red 10, blue 30, green 20 200 / 200 20. */
    private static final String WEBP = "UklGRhoAAABXRUJQVlA4TA4AAAAvAUAAADgFchXq0f8CGA==";

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_INT_ARGB})
    void channelOrderIsRedGreenBlue(int type) throws IOException {
        BufferedImage image = new BufferedImage(2, 2, type);
        image.setRGB(0, 0, 0xff0a141e);
        image.setRGB(1, 0, 0xffc8b4a0);
        RgbImage decoded = ImageFile.decode(encode(image, "png"), "image.png", false);
        assertArrayEquals(new byte[] {10, 20, 30, (byte) 200, (byte) 180, (byte) 160}, Arrays.copyOf(decoded.rgb(), 6));
    }

    @Test
    void transparentIsWhite() throws IOException {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(1, 1, new Color(0, 0, 0, 128).getRGB());
        byte[] rgb = ImageFile.decode(encode(image, "png"), "image.png", false).rgb();
        assertEquals((byte) 255, rgb[0]);
        assertEquals((byte) 127, rgb[9]);
    }

    @Test
    void wideColourChannelsKeepTheUpperByte() throws IOException {
        ColorModel colors = new ComponentColorModel(ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, ColorModel.OPAQUE,
                DataBuffer.TYPE_USHORT);
        WritableRaster raster = colors.createCompatibleWritableRaster(2, 2);
        raster.setPixel(0, 0, new int[] {0x1234, 0xabcd, 0x00ff});
        byte[] rgb = ImageFile.decode(encode(new BufferedImage(colors, raster, false, null), "png"), "image.png", false).rgb();
        assertArrayEquals(new byte[] {0x12, (byte) 0xab, 0}, Arrays.copyOf(rgb, 3));
    }

    @Test
    void bitsBecomeBlackAndWhite() throws IOException {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_BINARY);
        image.setRGB(0, 0, 0xffffffff);
        byte[] rgb = ImageFile.decode(encode(image, "png"), "image.png", false).rgb();
        assertArrayEquals(new byte[] {-1, -1, -1, 0, 0, 0}, Arrays.copyOf(rgb, 6));
    }

    @Test
    void readsWebp() {
        byte[] rgb = ImageFile.decode(Base64.getDecoder().decode(WEBP), "image.webp", false).rgb();
        assertArrayEquals(new byte[] {10, 20, 30, 10, (byte) 200, 30, 10, (byte) 200, 30, 10, 20, 30}, rgb);
    }

    @Test
    void eightOrientations() {
        // 3 wide, 2 high, pixel = index; what each orientation shows, row by row
        byte[] rgb = new byte[18];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3);
        }
        RgbImage image = new RgbImage(3, 2, rgb);
        String[] shown = {"012345", "210543", "543210", "345012", "031425", "304152", "524130", "251403"};
        for (int orientation = 1; orientation <= 8; orientation++) {
            RgbImage turned = Orientation.apply(image, orientation);
            StringBuilder pixels = new StringBuilder();
            for (int i = 0; i < turned.rgb().length; i += 3) {
                pixels.append(turned.rgb()[i]);
            }
            assertEquals(shown[orientation - 1], pixels.toString(), "orientation " + orientation);
            assertEquals(orientation < 5 ? 3 : 2, turned.width());
        }
    }

    private static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(true, ImageIO.write(image, format, out));
        return out.toByteArray();
    }
}
