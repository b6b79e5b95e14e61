package org.caprl.core.data;

/**
 * An image whose bytes lie in its row, as in Parquet files.
 *
 * @param name  its row, and its path where it has one
 * @param bytes encoded; not copied
 */
public record ImageInRow(String name, byte[] bytes) implements SampleImage {
}
