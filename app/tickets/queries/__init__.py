"""Reading tickets. Every read starts from what the viewer may see."""
