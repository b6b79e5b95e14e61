package org.caprl.core.data.file;

import java.nio.charset.StandardCharsets;

/** The format of an encoded image, by its first bytes. */
enum ImageFormat {
    PNG(".png", "image/png"),
    JPEG(".jpg", "image/jpeg"),
    WEBP(".webp", "image/webp"),
    GIF(".gif", "image/gif"),
    BMP(".bmp", "image/bmp"),
    /** None of those that are read here. */
    OTHER(".bin", "application/octet-stream");

    private static final int LONGEST_START = 12;

    private final String extension;
    private final String mediaType;

    ImageFormat(String extension, String mediaType) {
        this.extension = extension;
        this.mediaType = mediaType;
    }

    static ImageFormat of(byte[] image) {
        String start = new String(image, 0, Math.min(image.length, LONGEST_START), StandardCharsets.ISO_8859_1);
        return start.startsWith("\u0089PNG") ? PNG
                : start.startsWith("\u00ff\u00d8\u00ff") ? JPEG
                : start.startsWith("RIFF") && start.endsWith("WEBP") ? WEBP
                : start.startsWith("GIF8") ? GIF
                : start.startsWith("BM") ? BMP : OTHER;
    }

    /** Of a file's name, with the dot. */
    String extension() {
        return extension;
    }

    String mediaType() {
        return mediaType;
    }
}
