package org.caprl.core.data.file;

import java.io.Closeable;
import java.nio.file.Path;

/** The rows of one file, in their stored order and one by one. For one thread at a time. */
interface DataFile extends Closeable {
    /** Takes rows of {@link #scan}. */
    interface Visitor {
        /**
         * A row.
         *
         * @param row number of the row in the file, from 0
         * @param reading gives it, with images that can't be asked for their bytes; at most once, before this returns
         */
        void row(int row, Reading reading);
    }

    /** A row that may turn out not to be one. */
    interface Reading {
        /** The row. @throws org.caprl.core.InputException with its place if it is none */
        StoredRow get();
    }

    /** The file. */
    Path path();

    /** How many rows there are. */
    int rows();

    /** Shows every row once, in order, without the bytes of images that lie in it. */
    void scan(Visitor visitor);

    /**
     * One row, images included. Fast for the row after the one before.
     *
     * @throws org.caprl.core.InputException with its place if it can't be read
     */
    StoredRow read(int row);

    /** Where a row stands, for errors. */
    String place(int row);

    @Override
    void close();
}
