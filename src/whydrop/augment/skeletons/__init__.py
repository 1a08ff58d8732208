"""Operations on skeletons, one a file, and their pipeline."""
