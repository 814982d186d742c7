"""What knows nothing of the office's business."""
