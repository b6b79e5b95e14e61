/**
 * Samples in files: JSONL with images beside it, or Parquet with images in it, in the layout of the published CapRL-QA-75K.
 *
 * <p>For runs ({@link org.caprl.core.data.file.FileSource}) and the {@code caprl data} commands. A format is a {@code DataFile}, which
 * gives rows as JSON and the bytes of their images; what a row means stands once, in {@link org.caprl.core.data.file.CaptionRow}.
 *
 * <p>Parquet is read and written by DuckDB, a native library, started by the first Parquet file that is opened and by nothing else (0.35
 * s). It was compared with Hardwood 1.0.1 on 1000 images of 200 kB in row groups of 100: one row anywhere takes 3 ms against some 100 ms,
 * all rows 0.25 s against 1.1 s, and 0.4 GB of memory against 0.9 GB; and Hardwood does not write. What DuckDB's driver copies to the
 * Java heap at once is bounded by {@code ParquetFile}: the driver itself takes 2048 rows, whatever their size, and ends the JVM where the
 * heap is too small for them.
 */
package org.caprl.core.data.file;
