package org.caprl.core.data.synth;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.caprl.core.random.CounterRandom;

/**
 * Draws a scene with its own rasteriser, so that the pixels are the same on every machine: background, jitter, exact size and bar colours
 * are drawn from the key, everything that is a fact from the scene.
 */
public final class SceneImage {
    /** Width and height in pixels: 6 x 6 patches of 14, three merged tokens of 28 a side. */
    public static final int SIDE = 84;

    private static final int CELL = 28;
    /** Subsamples a side of a pixel, for smooth edges. */
    private static final int SUB = 4;
    private static final long PURPOSE = CounterRandom.hash("synthetic image");

    private static final int BASELINE = 65;
    private static final int UNIT = 5;
    private static final int INK = 0x141414;
    private static final List<Colour> BAR_COLOURS = List.of(Colour.RED, Colour.GREEN, Colour.BLUE, Colour.PURPLE, Colour.ORANGE);

    private final byte[] rgb = new byte[SIDE * SIDE * 3];
    private final Draw draw;

    private SceneImage(Draw draw) {
        this.draw = draw;
    }

    /** The pixels, row by row, red, green, blue: {@code SIDE * SIDE * 3} bytes. */
    public static byte[] rgb(Scene scene, long key) {
        SceneImage image = new SceneImage(new Draw(CounterRandom.with(key, PURPOSE)));
        switch (scene) {
            case ObjectScene objects -> image.objects(objects);
            case ChartScene chart -> image.chart(chart);
        }
        return image.rgb;
    }

    /** Writes pixels as from {@link #rgb} to a PNG file. */
    public static void writePng(byte[] rgb, Path file) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIDE * SIDE; i++) {
            image.setRGB(i % SIDE, i / SIDE, (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255);
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            ImageIO.write(image, "png", out);
        }
    }

    private void objects(ObjectScene scene) {
        background(105, 150, 15);
        for (ObjectScene.SceneObject object : scene.objects()) {
            double radius = draw.between((double) object.size().fromPixels(), object.size().toPixels()) / 2;
            double reach = Math.min(2, CELL / 2.0 - radius);
            double x = object.place().column() * CELL + CELL / 2.0 + draw.between(-reach, reach);
            double y = object.place().row() * CELL + CELL / 2.0 + draw.between(-reach, reach);
            shape(object.shape(), object.colour().rgb(), x, y, radius);
        }
    }

    private void chart(ChartScene scene) {
        background(205, 235, 6);
        int bars = scene.bars().size();
        List<Colour> colours = draw.sample(BAR_COLOURS, bars);
        int column = SIDE / bars;
        int dx = draw.between(-1, 1);
        int dy = draw.between(-1, 1);
        for (int i = 0; i < bars; i++) {
            ChartScene.Bar bar = scene.bars().get(i);
            int center = column * i + column / 2 + dx;
            int top = BASELINE + dy - UNIT * bar.value();
            rectangle(center - 7, top, center + 7, BASELINE + dy, colours.get(i).rgb());
            glyph((char) ('0' + bar.value()), center, top - 2 - 2 * Glyphs.HEIGHT);
            glyph(bar.label().toUpperCase(Locale.ROOT).charAt(0), center, BASELINE + dy + 3);
        }
        rectangle(1, BASELINE + dy, SIDE - 1, BASELINE + dy + 1, INK);
    }

    /** Muted, brightness {@code from} to {@code to}: plain, noise, stripes, or a slope of at most {@code contrast} levels up and down. */
    private void background(int from, int to, int contrast) {
        int gray = draw.between(from, to);
        int[] base = {gray + draw.between(-10, 10), gray + draw.between(-10, 10), gray + draw.between(-10, 10)};
        int kind = draw.below(4);
        double amplitude = kind == 0 ? 0 : draw.between(0.4 * contrast, (double) contrast);
        double angle = draw.between(0, 2 * Math.PI);
        double period = draw.between(5.0, 12.0);
        double dx = StrictMath.cos(angle);
        double dy = StrictMath.sin(angle);
        long noise = draw.below(Integer.MAX_VALUE);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double along = (x - SIDE / 2.0) * dx + (y - SIDE / 2.0) * dy;
                double level = switch (kind) {
                    case 0 -> 0;
                    case 1 -> 2 * CounterRandom.uniform(noise, y * SIDE + x) - 1;
                    case 2 -> Math.floorMod((long) Math.floor(along / period), 2L) == 0 ? 1 : -1;
                    default -> along / (SIDE / 2.0 * 1.42);
                };
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * SIDE + x) + c] = (byte) Math.clamp(Math.round(base[c] + amplitude * level), 0, 255);
                }
            }
        }
    }

    private void shape(Shape shape, int colour, double centerX, double centerY, double radius) {
        int fromX = Math.max(0, (int) (centerX - radius - 1));
        int toX = Math.min(SIDE - 1, (int) (centerX + radius + 1));
        int fromY = Math.max(0, (int) (centerY - radius - 1));
        int toY = Math.min(SIDE - 1, (int) (centerY + radius + 1));
        for (int y = fromY; y <= toY; y++) {
            for (int x = fromX; x <= toX; x++) {
                int covered = 0;
                for (int s = 0; s < SUB * SUB; s++) {
                    double u = (x + (s % SUB + 0.5) / SUB - centerX) / radius;
                    double v = (y + (s / SUB + 0.5) / SUB - centerY) / radius;
                    covered += covers(shape, u, v) ? 1 : 0;
                }
                blend(x, y, colour, covered);
            }
        }
    }

    /** Whether a shape of radius 1 around the origin covers the point; v grows downwards. */
    private static boolean covers(Shape shape, double u, double v) {
        double square = u * u + v * v;
        return switch (shape) {
            case CIRCLE -> square <= 1;
            case RING -> square <= 1 && square >= 0.27;
            case SQUARE -> Math.abs(u) <= 0.88 && Math.abs(v) <= 0.88;
            case TRIANGLE -> v >= -1 && v <= 0.8 && Math.abs(u) <= (v + 1) / 1.8;
            case CROSS -> Math.abs(u) <= 0.3 && Math.abs(v) <= 1 || Math.abs(v) <= 0.3 && Math.abs(u) <= 1;
            case STAR -> square <= 1 && inStar(u, v);
        };
    }

    private static final double[] STAR_X = new double[10];
    private static final double[] STAR_Y = new double[10];

    static {
        for (int i = 0; i < 10; i++) {
            double radius = i % 2 == 0 ? 1 : 0.42;
            STAR_X[i] = radius * StrictMath.sin(i * Math.PI / 5);
            STAR_Y[i] = -radius * StrictMath.cos(i * Math.PI / 5);
        }
    }

    /** Even-odd rule over the ten corners. */
    private static boolean inStar(double u, double v) {
        boolean inside = false;
        for (int i = 0, j = 9; i < 10; j = i++) {
            if (STAR_Y[i] > v != STAR_Y[j] > v && u < (STAR_X[j] - STAR_X[i]) * (v - STAR_Y[i]) / (STAR_Y[j] - STAR_Y[i]) + STAR_X[i]) {
                inside = !inside;
            }
        }
        return inside;
    }

    /** Two pixels a point, centred on {@code centerX}. */
    private void glyph(char glyph, int centerX, int top) {
        for (int y = 0; y < 2 * Glyphs.HEIGHT; y++) {
            for (int x = 0; x < 2 * Glyphs.WIDTH; x++) {
                if (Glyphs.ink(glyph, x / 2, y / 2)) {
                    blend(centerX - Glyphs.WIDTH + x, top + y, INK, SUB * SUB);
                }
            }
        }
    }

    private void rectangle(int fromX, int fromY, int toX, int toY, int colour) {
        for (int y = fromY; y < toY; y++) {
            for (int x = fromX; x < toX; x++) {
                blend(x, y, colour, SUB * SUB);
            }
        }
    }

    private void blend(int x, int y, int colour, int covered) {
        int at = 3 * (y * SIDE + x);
        for (int c = 0; c < 3; c++) {
            int over = colour >> (16 - 8 * c) & 255;
            int under = rgb[at + c] & 255;
            rgb[at + c] = (byte) ((over * covered + under * (SUB * SUB - covered) + SUB * SUB / 2) / (SUB * SUB));
        }
    }
}
